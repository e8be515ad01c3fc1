"""supervised_full.py in CPU minutes: a small ResNet-18 at 160 pixels."""

_base_ = ['./supervised_full.py', '../_base_/models/defects_cpu.py']

model = _base_.cpu_detector
train_cfg = dict(max_iters=1500, val_interval=500)

default_hooks = dict(checkpoint=dict(interval=500, max_keep_ckpts=1))
