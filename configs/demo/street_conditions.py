"""Which of 13 eye conditions is a picture seen through: the condition head alone.

Differs from street_t2: half of the pictures are shown as one of the conditions
changes them, and of the context heads only the condition head is trained.
Data: as for street_t2; one frame of each clip is enough.
Command: python tools/train.py configs/demo/street_conditions.py
Hardware: 2 CPU cores. Result: see docs/results.md.
"""

_base_ = './street_t2.py'

# One in fourteen pictures stays as it is, as often as each condition comes.
simulate = dict(type='SimulateCondition', prob=13 / 14, severity=(0.4, 1.0))
model = dict(
    context_stage=dict(
        context_pass=dict(hybrid=None),
        instance_pooler=None,
        heads=dict(
            _delete_=True, condition=dict(type='ConditionHead', loss_weight=1.0)
        ),
    ),
)
train_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='TaskRandomFlip', prob=0.5),
    dict(type='Resize', scale=_base_.image_size, keep_ratio=True),
    simulate,
    dict(type='PackTaskInputs'),
]
test_pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='Resize', scale=_base_.image_size, keep_ratio=True),
    # The same picture in every test.
    dict(simulate, seed_by_image=True),
    dict(type='PackTaskInputs'),
]
train_dataloader = dict(dataset=dict(clip_length=1, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(clip_length=1, pipeline=test_pipeline))
test_dataloader = val_dataloader
# What is found in pictures made hard to see says nothing of safety: not judged.
val_evaluator = [dict(type='TaskMetric')]
test_evaluator = val_evaluator
default_hooks = dict(checkpoint=dict(save_best=None))
train_cfg = dict(max_epochs=1, val_interval=1)
work_dir = 'work_dirs/street_conditions'
