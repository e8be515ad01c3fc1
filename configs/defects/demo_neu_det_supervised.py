"""demo_supervised.py on NEU-DET.

Command: python tools/train.py configs/defects/demo_neu_det_supervised.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/models/defects_faster_rcnn.py',
    '../_base_/models/defects_cpu.py',
    '../_base_/datasets/neu_det_supervised.py',
    '../_base_/schedules/adamw_iters.py',
]

model = _base_.cpu_detector
model.roi_head.bbox_head.num_classes = 6
train_cfg = _base_.cpu_iters
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
custom_hooks = [
    dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.001, update_buffers=True)
]
