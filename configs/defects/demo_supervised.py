"""supervised.py in CPU minutes: a small ResNet-18 at 160 pixels.

Command: python tools/train.py configs/defects/demo_supervised.py
Hardware: 2 CPU cores. Result: see docs/defects_results.md.
"""

_base_ = ['./supervised.py', '../_base_/models/defects_cpu.py']

model = _base_.cpu_detector
train_cfg = _base_.cpu_iters
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
