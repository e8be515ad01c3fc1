"""demo_ours.py on DeepPCB, every picture a part of its own.

Command: python tools/train.py configs/defects/demo_deeppcb_ours.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/defects_watch.py',
    '../_base_/models/defects_ours.py',
    '../_base_/models/defects_cpu.py',
    '../_base_/datasets/deeppcb_ssod.py',
    '../_base_/schedules/adamw_iters.py',
]

model = _base_.cpu_teacher
# Fitted by tools/analysis_tools/anchor_coverage.py to the labelled boxes.
model.detector.rpn_head.anchor_generator.update(
    aspects_wh=[0.4, 0.77, 1.0, 1.24, 1.71], scales=[4]
)
model.detector.roi_head.bbox_head.num_classes = 6
model.governor = dict(num_classes=6)
# There is but one view of each surface.
model.cross_view = None
# Four times the pixels of the others, half the pictures.
train_dataloader = dict(batch_size=4, sampler=dict(batch_size=4))
train_cfg = dict(max_iters=1600, val_interval=800)
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
custom_hooks = [
    dict(type='BurnInMeanTeacherHook', burn_in_iters=800),
    # Without the guard: its hard classes are others.
    *[hook for hook in _base_.watch if hook.type != 'TrainingGuardHook'],
]
