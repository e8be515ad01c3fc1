"""risk_resnet18.py on ResNet-50.

Command: python tools/train.py configs/risk/risk_resnet50.py
Hardware: 1 GPU. Result: not measured.
"""

_base_ = ['./risk_resnet18.py']

model = dict(
    backbone=dict(
        depth=50,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    feature_channels=2048,
)
