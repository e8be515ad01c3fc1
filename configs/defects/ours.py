"""Soft Teacher with fitted anchors, one activation, and thresholds that adapt.

Command: python tools/train.py configs/defects/ours.py
Hardware: one GPU with 16 GB. Result: not measured; see demo_ours.py.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/defects_watch.py',
    '../_base_/models/defects_ours.py',
    '../_base_/datasets/defects_ssod.py',
    '../_base_/schedules/adamw_iters.py',
]

train_dataloader = dict(batch_size=16, sampler=dict(batch_size=16, views_per_part=8))
custom_hooks = [
    dict(type='BurnInMeanTeacherHook', burn_in_iters=2500, momentum=0.001),
    *_base_.watch,
]
