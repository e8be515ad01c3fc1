"""Faster R-CNN on the labelled tenth alone: what semi-supervision has to beat.

Command: python tools/train.py configs/defects/supervised.py
Hardware: one GPU with 8 GB. Result: not measured; see demo_supervised.py.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/models/defects_faster_rcnn.py',
    '../_base_/datasets/defects_supervised.py',
    '../_base_/schedules/adamw_iters.py',
]

# The average that a semi-supervised teacher is.
custom_hooks = [
    dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.001, update_buffers=True)
]
