"""demo_ours.py on NEU-DET, every picture a part of its own.

Command: python tools/train.py configs/defects/demo_neu_det_ours.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = [
    '../_base_/iters_runtime.py',
    '../_base_/defects_watch.py',
    '../_base_/models/defects_ours.py',
    '../_base_/models/defects_cpu.py',
    '../_base_/datasets/neu_det_ssod.py',
    '../_base_/schedules/adamw_iters.py',
]

model = _base_.cpu_teacher
# Fitted by tools/analysis_tools/anchor_coverage.py to the labelled boxes.
model.detector.rpn_head.anchor_generator.update(
    aspects_wh=[0.09, 0.24, 0.48, 0.86, 2.06], scales=[5.66]
)
model.detector.roi_head.bbox_head.num_classes = 6
model.governor = dict(num_classes=6)
# There is but one view of each surface.
model.cross_view = None
train_cfg = _base_.cpu_iters
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
custom_hooks = [
    dict(type='BurnInMeanTeacherHook', burn_in_iters=1200),
    # Without the guard: its hard classes are others.
    *[hook for hook in _base_.watch if hook.type != 'TrainingGuardHook'],
]
