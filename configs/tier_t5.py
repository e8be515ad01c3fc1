"""Tier T5: clips of eight frames, ConvLSTM and TimeSformer, hazards foreseen.

Command: python tools/train.py configs/tier_t5.py --amp
Hardware: one GPU with 80 GB. 4 clips a step, gradients of eight steps together.
Result: not measured.
"""

_base_ = './tier_t4.py'

clip_length = 8
cross_tasks = _base_.cross_tasks + ['predictive_alert', 'time_to_hazard']
# Temporal layers and attention over clips need a gradual start.
warmup_epochs = 20
optim_wrapper = dict(optimizer=dict(lr=7.5e-5), accumulative_counts=8)
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=0.01,
        by_epoch=True,
        begin=0,
        end=warmup_epochs,
        convert_to_iter_based=True,
    ),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        begin=warmup_epochs,
        convert_to_iter_based=True,
    ),
]
model = dict(
    context_stage=dict(
        context_pass=dict(
            temporal=dict(type='TemporalEncoder', window=clip_length),
            cross_task=dict(tasks=cross_tasks),
        ),
        heads=dict(
            predictive_alert=dict(type='PredictiveAlertHead'),
            time_to_hazard=dict(type='TimeToHazardHead'),
        ),
    ),
)

derived_labels = _base_.derived_labels + ['hazard_within', 'time_to_hazard_s']
train_pipeline = _base_.train_pipeline[:-2] + [
    dict(type='DeriveTaskLabels', labels=derived_labels),
    _base_.train_pipeline[-1],
]
test_pipeline = _base_.test_pipeline[:-2] + [
    dict(type='DeriveTaskLabels', labels=derived_labels),
    _base_.test_pipeline[-1],
]
train_dataloader = dict(
    batch_size=4, dataset=dict(clip_length=clip_length, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=4, dataset=dict(clip_length=clip_length, pipeline=test_pipeline)
)
test_dataloader = val_dataloader
