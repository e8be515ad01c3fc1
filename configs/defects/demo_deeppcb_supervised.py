"""demo_supervised.py on DeepPCB.

Command: python tools/train.py configs/defects/demo_deeppcb_supervised.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/models/defects_faster_rcnn.py',
    '../_base_/models/defects_cpu.py',
    '../_base_/datasets/deeppcb_supervised.py',
    '../_base_/schedules/adamw_iters.py',
]

model = _base_.cpu_detector
model.roi_head.bbox_head.num_classes = 6
# Four times the pixels of the others, half the pictures.
train_dataloader = dict(batch_size=2, sampler=dict(batch_size=2))
train_cfg = dict(max_iters=1600, val_interval=800)
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
custom_hooks = [
    dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.001, update_buffers=True)
]
