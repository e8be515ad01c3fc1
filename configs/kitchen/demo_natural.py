"""kitchen_natural.py in CPU minutes: a small ResNet-18 at 160 pixels.

Data: python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_natural
Command: python tools/train.py configs/kitchen/demo_natural.py
Hardware: 1 CPU core. Result: see docs/kitchen.md.
"""

_base_ = ['./kitchen_natural.py', '../_base_/models/kitchen_cpu.py']

model = _base_.cpu_model
train_dataloader = dict(
    dataset=dict(pipeline=[*_base_.load, _base_.cpu_resized, *_base_.changed]),
    **_base_.cpu_batch,
)
val_dataloader = dict(
    dataset=dict(pipeline=[*_base_.load, _base_.cpu_resized, _base_.pack]),
    num_workers=0,
)
test_dataloader = val_dataloader
train_cfg = _base_.cpu_iters
optim_wrapper = _base_.cpu_optim
default_hooks = _base_.cpu_hooks
