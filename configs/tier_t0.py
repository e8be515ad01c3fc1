"""Tier T0: the safety pass and its heads on COCO.

The first tier; T1-T5 inherit it. ImageNet weights are fetched by URL; without a
network pass a file: --cfg-options model.safety_pass.pretrained=FILE, or =None.
Command: python tools/train.py configs/tier_t0.py
Hardware: one GPU with 16 GB, batch 16 at 224 px, --amp.
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
        pretrained='https://download.pytorch.org/models/resnet50-0676ba61.pth',
        # Pretrained: the stem and first stage stay, and so do the statistics.
        frozen_stages=1,
        norm_eval=True,
    ),
)
# 1.5e-3 is for the new layers; what is pretrained moves ten times less.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'safety_pass.backbone': dict(lr_mult=0.1)}),
)
custom_hooks = [
    dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=2e-4, priority=49),
]
auto_scale_lr = dict(enable=False, base_batch_size=16)
