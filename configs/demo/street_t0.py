"""T0 on the street world in minutes on a CPU: the demonstration.

Differs from tier_t0 in all that makes it small: a ResNet-18 of half the width and
narrow towers from random weights, 24 classes, a short schedule, no mean weights.
Command: python tools/demo.py, or tools/train.py configs/demo/street_t0.py
Hardware: 2 CPU cores. Result: see docs/results.md.
"""

_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/safety_pass.py',
    '../_base_/datasets/street.py',
    '../_base_/schedules/adamw_short.py',
]

# What `python tools/demo.py` draws before it trains.
demo = dict(
    train_images=2800,
    val_images=400,
    size='320x240',
    usual_minutes=dict(data=1.5, training=8, test=0.5, report=0.2),
)
model = dict(
    safety_pass=dict(depth=18, base_channels=32, channels=64),
    # Twice the weight: in so short a training the classes are learnt last.
    safety_heads=dict(classification=dict(num_classes=24, loss_weight=2.4)),
)
train_cfg = dict(max_epochs=4, val_interval=4)
work_dir = 'work_dirs/street_t0'
default_hooks = dict(
    logger=dict(interval=20),
    checkpoint=dict(max_keep_ckpts=1),
    visualization=dict(max_pictures=48),
)
