"""T0 on 64 real pictures of COCO, learnt by heart: the path learns what is there.

Differs from tier_t0: a ResNet-18 from random weights, 64 training images that are
also the test images, zones and urgencies by rule of thumb.
Command: MAXSIGHT_DATA=FOLDER python tools/train.py configs/demo/coco_overfit_t0.py
with coco128_256/ in FOLDER. Hardware: 2 CPU cores. Result: see docs/results.md.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/safety_pass.py',
    '../_base_/schedules/adamw_short.py',
]

pipeline = [
    dict(type='LoadSafeImage'),
    dict(type='LoadTaskAnnotations', with_bbox=True),
    dict(type='Resize', scale=(256, 256), keep_ratio=False),
    dict(type='PackTaskInputs'),
]
dataset = dict(
    type='MaxSightCocoDataset',
    data_root='{{$MAXSIGHT_DATA:data}}/coco128_256/',
    if_missing='set MAXSIGHT_DATA to the folder that holds coco128_256',
    ann_file='coco/instances_train.json',
    labels_for_missing='heuristic',
    bad_boxes='clip',
    indices=64,
    pipeline=pipeline,
)
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dataset,
)
val_dataloader = dict(
    batch_size=8,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(test_mode=True, **dataset),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='DetectionMetric'),
    # The labels are rules of thumb: these figures say that they were learnt.
    dict(type='SafetyMetric', count_heuristic=True),
]
test_evaluator = val_evaluator

model = dict(
    safety_pass=dict(depth=18, base_channels=32, channels=96),
    safety_heads=dict(classification=dict(num_classes=80)),
)
train_cfg = dict(max_epochs=120, val_interval=40)
default_hooks = dict(checkpoint=dict(interval=40), logger=dict(interval=8))
