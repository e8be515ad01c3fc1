"""ours.py in CPU minutes: a small ResNet-18 at 160 pixels.

Command: python tools/train.py configs/defects/demo_ours.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./ours.py', '../_base_/models/defects_cpu.py']

model = _base_.cpu_teacher
# Fitted by tools/analysis_tools/anchor_coverage.py to the labelled boxes.
model.detector.rpn_head.anchor_generator.update(
    aspects_wh=[0.33, 0.48, 0.71, 1.17, 2.0], scales=[3.36]
)
train_dataloader = _base_.cpu_batch
train_cfg = _base_.cpu_iters
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
custom_hooks = [
    dict(type='BurnInMeanTeacherHook', burn_in_iters=1200),
    *_base_.watch,
]
