"""demo_ours.py on DeepPCB, every picture a part of its own.

Command: python tools/train.py configs/defects/demo_deeppcb_ours.py
Hardware: 2 CPU cores. Result: see docs/defects.md.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/models/defects_ours.py',
    '../_base_/models/defects_cpu.py',
    '../_base_/datasets/deeppcb_ssod.py',
    '../_base_/schedules/adamw_iters.py',
]

model = _base_.cpu_teacher
model.detector.roi_head.bbox_head.num_classes = 6
model.governor = dict(num_classes=6)
# There is but one view of each surface.
model.cross_view = None
train_cfg = _base_.cpu_iters
default_hooks = _base_.cpu_hooks
custom_hooks = [dict(type='BurnInMeanTeacherHook', burn_in_iters=400)]
