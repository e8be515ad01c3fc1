"""ours.py in CPU minutes: a small ResNet-18 at 160 pixels."""

_base_ = ['./ours.py', '../_base_/models/defects_cpu.py']

model = _base_.cpu_teacher
train_cfg = dict(max_iters=1500, val_interval=500)
custom_hooks = [dict(type='BurnInMeanTeacherHook', burn_in_iters=400, momentum=0.001)]
default_hooks = dict(checkpoint=dict(interval=500, max_keep_ckpts=1))
