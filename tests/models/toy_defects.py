"""Small teacher-student detectors and multi-branch batches for tests."""

import numpy as np
import torch
from mmdet.structures import DetDataSample
from mmengine.config import Config, ConfigDict
from mmengine.structures import InstanceData

from maxsight_mm.registry import MODELS

NUM_CLASSES = 5
SIZE = 64
_BASE = 'configs/_base_/models'


def two_stage_config(**model) -> ConfigDict:
    """Config of a soft teacher around a Faster R-CNN of 16 channels."""
    cfg = Config.fromfile(f'{_BASE}/defects_soft_teacher.py')
    small = Config.fromfile(f'{_BASE}/defects_cpu.py').cpu_detector
    cfg.merge_from_dict(dict(model=dict(detector=small)))
    cfg.merge_from_dict(
        dict(
            model=dict(
                detector=dict(
                    backbone=dict(base_channels=8),
                    neck=dict(in_channels=[8, 16, 32, 64], out_channels=16),
                    rpn_head=dict(in_channels=16, feat_channels=16),
                    roi_head=dict(
                        bbox_roi_extractor=dict(out_channels=16),
                        bbox_head=dict(in_channels=16, fc_out_channels=32),
                    ),
                ),
                cross_view=dict(
                    roi_extractor=dict(out_channels=16),
                    embed_dims=16,
                    num_layers=1,
                    num_heads=2,
                ),
            )
        )
    )
    cfg.merge_from_dict(dict(model=model))
    return cfg.model


def dense_config(**model) -> ConfigDict:
    """The same around an FCOS head, on the same pyramid."""
    cfg = two_stage_config(**model)
    detector = cfg.detector
    cfg.detector = dict(
        type='FCOS',
        data_preprocessor=detector.data_preprocessor,
        backbone=detector.backbone,
        neck=detector.neck,
        bbox_head=dict(
            type='FCOSHead',
            num_classes=NUM_CLASSES,
            in_channels=16,
            feat_channels=16,
            stacked_convs=1,
            strides=[4, 8, 16, 32],
            regress_ranges=((-1, 16), (16, 32), (32, 64), (64, 1e8)),
            norm_cfg=None,
        ),
        test_cfg=dict(
            nms_pre=100,
            score_thr=0.0,
            nms=dict(type='nms', iou_threshold=0.5),
            max_per_img=20,
        ),
    )
    return cfg


def build_teacher(config: ConfigDict):
    torch.manual_seed(0)
    model = MODELS.build(config)
    model.init_weights()
    return model.train()


def view(part_id=None, view_id=0, boxes=(), labels=(), flip=False) -> DetDataSample:
    """A view of SIZE pixels; ``flip`` mirrors it in its homography."""
    matrix = np.eye(3, dtype=np.float32)
    if flip:
        matrix = np.array([[-1, 0, SIZE], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    meta = dict(
        img_shape=(SIZE, SIZE),
        ori_shape=(SIZE, SIZE),
        pad_shape=(SIZE, SIZE),
        batch_input_shape=(SIZE, SIZE),
        scale_factor=(1.0, 1.0),
        homography_matrix=matrix,
    )
    if part_id is not None:
        meta |= dict(part_id=part_id, view_id=view_id)
    sample = DetDataSample(metainfo=meta)
    sample.gt_instances = InstanceData(
        bboxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        labels=torch.tensor(labels, dtype=torch.int64),
    )
    sample.ignored_instances = InstanceData(
        bboxes=torch.zeros(0, 4), labels=torch.zeros(0, dtype=torch.int64)
    )
    return sample


def batch(labelled=2, parts=1, views=2, flip=False):
    """Inputs and samples of ``labelled`` pictures and ``parts`` x ``views`` views."""
    generator = torch.Generator().manual_seed(0)

    def pictures(number):
        return torch.randn(number, 3, SIZE, SIZE, generator=generator)

    linked = [(part, index) for part in range(parts) for index in range(views)]
    weak = pictures(len(linked))
    inputs = dict(
        sup=pictures(labelled),
        unsup_teacher=weak,
        unsup_student=weak.flip(-1) if flip else weak.clone(),
    )
    samples = dict(
        sup=[
            view(boxes=[(8, 8, 40, 48)], labels=[index % NUM_CLASSES])
            for index in range(labelled)
        ],
        unsup_teacher=[view(*each) for each in linked],
        unsup_student=[view(*each, flip=flip) for each in linked],
    )
    return inputs, samples


def total(losses: dict) -> torch.Tensor:
    """Sum of all entries that are losses."""
    found = torch.zeros(())
    for name, loss in losses.items():
        if 'loss' in name:
            found = found + sum(loss if isinstance(loss, list) else [loss])
    return found
