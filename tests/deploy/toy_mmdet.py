"""mmdet detectors small enough for tests, with weights that give many boxes."""

import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

NUM_CLASSES = 4
_NMS = dict(type='nms', iou_threshold=0.5)
_NORM = dict(type='BN', requires_grad=True)


def _body(num_outs: int, start_level: int = 1) -> dict:
    return dict(
        data_preprocessor=dict(
            type='DetDataPreprocessor', mean=[0.0] * 3, std=[255.0] * 3
        ),
        backbone=dict(type='ResNet', depth=18, norm_cfg=_NORM, base_channels=16),
        neck=dict(
            type='FPN',
            in_channels=[16, 32, 64, 128],
            out_channels=16,
            start_level=start_level,
            add_extra_convs='on_output' if start_level else False,
            num_outs=num_outs,
        ),
    )


def retinanet(**test_cfg) -> dict:
    return dict(
        type='RetinaNet',
        **_body(5),
        bbox_head=dict(
            type='RetinaHead',
            num_classes=NUM_CLASSES,
            in_channels=16,
            feat_channels=16,
            stacked_convs=1,
            anchor_generator=dict(
                type='AnchorGenerator',
                octave_base_scale=4,
                scales_per_octave=3,
                ratios=[0.5, 1.0, 2.0],
                strides=[8, 16, 32, 64, 128],
            ),
            bbox_coder=dict(type='DeltaXYWHBBoxCoder'),
        ),
        test_cfg=dict(
            nms_pre=100, min_bbox_size=0, score_thr=0.05, nms=_NMS, max_per_img=100
        )
        | test_cfg,
    )


def fcos(**test_cfg) -> dict:
    return dict(
        type='FCOS',
        **_body(5),
        bbox_head=dict(
            type='FCOSHead',
            num_classes=NUM_CLASSES,
            in_channels=16,
            feat_channels=32,
            stacked_convs=1,
            strides=[8, 16, 32, 64, 128],
        ),
        test_cfg=dict(
            nms_pre=100, min_bbox_size=0, score_thr=0.05, nms=_NMS, max_per_img=100
        )
        | test_cfg,
    )


def faster_rcnn() -> dict:
    return dict(
        type='FasterRCNN',
        train_cfg=None,
        **_body(5, start_level=0),
        rpn_head=dict(
            type='RPNHead',
            in_channels=16,
            feat_channels=16,
            anchor_generator=dict(
                type='AnchorGenerator',
                scales=[8],
                ratios=[0.5, 1.0, 2.0],
                strides=[4, 8, 16, 32, 64],
            ),
        ),
        roi_head=dict(
            type='StandardRoIHead',
            bbox_roi_extractor=dict(
                type='SingleRoIExtractor',
                roi_layer=dict(type='RoIAlign', output_size=7, sampling_ratio=0),
                out_channels=16,
                featmap_strides=[4, 8, 16, 32],
            ),
            bbox_head=dict(
                type='Shared2FCBBoxHead',
                in_channels=16,
                fc_out_channels=32,
                roi_feat_size=7,
                num_classes=NUM_CLASSES,
            ),
        ),
        test_cfg=dict(
            rpn=dict(
                nms_pre=200,
                max_per_img=100,
                nms=dict(type='nms', iou_threshold=0.7),
                min_bbox_size=0,
            ),
            rcnn=dict(score_thr=0.05, nms=_NMS, max_per_img=100),
        ),
    )


def build(config: dict) -> torch.nn.Module:
    """The model with seeded random weights; its scores are spread over [0, 1]."""
    torch.manual_seed(0)
    return spread(MODELS.build(ConfigDict(config)))


def spread(model: torch.nn.Module) -> torch.nn.Module:
    """The model in evaluation mode, its neck and heads with spread weights."""
    for name, weight in model.named_parameters():
        if name.startswith('backbone'):
            continue
        if name.endswith('bias'):
            torch.nn.init.zeros_(weight)
        elif weight.ndim > 1:
            std = 0.02 if 'reg' in name else weight[0].numel() ** -0.5
            torch.nn.init.normal_(weight, std=std * (3 if 'cls' in name else 1))
    return model.eval()
