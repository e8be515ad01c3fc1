"""Tier T0: the safety pass and its heads on COCO.

The first tier; T1-T5 inherit it. ImageNet weights are fetched by URL; without a
network pass a file: --cfg-options model.safety_pass.pretrained=FILE, or =None for
random weights.
Command: python tools/train.py configs/tier_t0.py --amp
Hardware: one GPU with 16 GB and 32 GB of memory for 16 loader processes.
Result: not measured.
"""

_base_ = [
    './_base_/default_runtime.py',
    './_base_/models/safety_pass.py',
    './_base_/datasets/coco_safety.py',
    './_base_/schedules/adamw_cosine.py',
]

model = dict(
    safety_pass=dict(
        pretrained='https://download.pytorch.org/models/resnet50-0676ba61.pth'
    ),
)
# 1.5e-3 is for the new layers; what is pretrained moves ten times less.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'safety_pass.backbone': dict(lr_mult=0.1)}),
)
default_hooks = dict(
    # A decay of 0.9998. Batch norm statistics belong to the mean weights too.
    # 49 is just before the checkpoint is written.
    ema=dict(
        type='EMAHook',
        ema_type='ExpMomentumEMA',
        momentum=2e-4,
        update_buffers=True,
        priority=49,
    ),
)
# All inputs have one size.
env_cfg = dict(cudnn_benchmark=True)
auto_scale_lr = dict(enable=False, base_batch_size=16)
