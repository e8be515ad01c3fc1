"""T0 on the street world in minutes on a CPU: the demonstration.

Changes from tier_t0: ResNet-18 of half the width from random weights, narrow
towers, 24 street classes, a short one-cycle schedule.
Command: python tools/demo.py, or tools/train.py configs/demo/street_t0.py
Hardware: 2 CPU cores. Result: see docs/results.md.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/safety_pass.py',
    '../_base_/datasets/street.py',
]

# What `python tools/demo.py` draws before it trains.
demo = dict(train_images=2400, val_images=400, size='320x240')

max_epochs = 6
channels = 64
num_classes = 24

model = dict(
    safety_pass=dict(depth=18, base_channels=32, channels=channels),
    safety_heads=dict(
        objectness=dict(in_channels=channels),
        classification=dict(in_channels=channels, num_classes=num_classes),
        box=dict(in_channels=channels),
        distance=dict(in_channels=channels),
        urgency=dict(in_channels=channels * 2),
        object_urgency=dict(in_channels=channels),
        uncertainty=dict(in_channels=channels * 2),
    ),
)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, weight_decay=0.05),
    clip_grad=dict(max_norm=10.0, norm_type=2),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=60),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-6,
        by_epoch=True,
        begin=0,
        end=max_epochs,
        T_max=max_epochs,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
work_dir = 'work_dirs/street_t0'
results_prefix = work_dir + '/evaluation/test'
test_evaluator = [
    dict(type='DetectionMetric', outfile_prefix=results_prefix),
    dict(type='SafetyMetric', outfile_prefix=results_prefix),
    dict(type='CalibrationMetric', outfile_prefix=results_prefix),
]
default_hooks = dict(
    logger=dict(interval=20),
    checkpoint=dict(max_keep_ckpts=1),
    visualization=dict(max_pictures=48),
)
