"""Faster R-CNN for five defects; ImageNet weights are fetched by URL.

It comes from MMDetection's scope: ours are named ``maxsight_mm.X`` inside it.
"""

_base_ = ['mmdet::_base_/models/faster-rcnn_r50_fpn.py']

model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.pytorch.org/models/resnet50-0676ba61.pth',
        )
    ),
    roi_head=dict(bbox_head=dict(num_classes=5)),
)
