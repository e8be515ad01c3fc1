"""ImageTaskClassifier on ResNet-18; children give the heads.

``small_backbone`` goes over the backbone for CPU minutes from random weights; it has
``small_channels`` channels.
"""

model = dict(
    type='ImageTaskClassifier',
    data_preprocessor=dict(
        type='DetDataPreprocessor',
        # Of ImageNet, which the weights were trained on.
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=18,
        out_indices=(3,),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet18'),
    ),
    feature_channels=512,
)
small_backbone = dict(
    base_channels=32, norm_eval=False, frozen_stages=-1, init_cfg=None
)
small_channels = 256
