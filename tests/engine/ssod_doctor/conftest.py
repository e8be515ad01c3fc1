import copy
import json
from functools import cache

import numpy as np
import pytest
from mmengine.config import Config

from maxsight_mm.engine.step_timing import read_model_config

BASE = (
    'mmdet::soft_teacher/soft-teacher_faster-rcnn_r50-caffe_fpn_180k_semi-0.1-coco.py'
)
CLASSES = ('Severe_Rust', 'Chipped', 'Broken', 'Tip_Wear', 'Scratched')
NARROW = (0.45, 0.51, 0.5, 0.6, 0.55)


@cache
def _base():
    return read_model_config(BASE)


def _write(path, first_image, boxes_per_image, aspects):
    """Ten pictures of 160 x 160 with boxes of about 40 px."""
    rng = np.random.default_rng(0)
    images = [
        dict(id=i, file_name=f'{i}.png', width=160, height=160)
        for i in range(first_image, first_image + 10)
    ]
    annotations = []
    for image in images:
        for index in range(boxes_per_image):
            label = index % len(aspects)
            aspect = aspects[label] * np.exp(rng.normal(0, 0.2))
            width, height = 40 * aspect**0.5, 40 / aspect**0.5
            x, y = rng.uniform(0, 160 - np.array([width, height]))
            annotations.append(
                dict(
                    id=len(annotations) + 1,
                    image_id=image['id'],
                    category_id=label + 1,
                    bbox=[x, y, width, height],
                    area=width * height,
                    iscrowd=0,
                )
            )
    names = enumerate(CLASSES, 1)
    categories = [dict(id=index, name=name) for index, name in names]
    content = dict(images=images, annotations=annotations, categories=categories)
    path.write_text(json.dumps(content))


@pytest.fixture
def data_root(tmp_path):
    _write(tmp_path / 'labelled.json', 0, 10, NARROW)
    _write(tmp_path / 'unlabelled.json', 100, 0, NARROW)
    return tmp_path


def _with_data(root) -> Config:
    config = Config(copy.deepcopy(_base()._cfg_dict.to_dict()))
    leaves = config.train_dataloader.dataset.datasets
    for leaf, name in zip(leaves, ('labelled', 'unlabelled'), strict=True):
        leaf.update(data_root=str(root), ann_file=f'{name}.json')
        leaf.data_prefix = dict(img='images/')
    resize = next(s for s in leaves[0].pipeline if s['type'] == 'RandomResize')
    resize.scale = (640, 640)
    head = config.model.detector.roi_head.bbox_head
    head.update(num_classes=5, fc_out_channels=8)
    return config


@pytest.fixture
def recipe(data_root):
    """Focal losses at both stages, ratios as width / height, lowered thresholds."""
    config = _with_data(data_root)
    detector = config.model.detector
    detector.rpn_head.loss_cls = dict(
        type='FocalLoss', use_sigmoid=True, gamma=2.5, alpha=0.75, loss_weight=3.0
    )
    detector.rpn_head.anchor_generator.ratios = [0.2, 0.35, 0.45, 0.55, 0.65, 1.0, 2.0]
    detector.roi_head.bbox_head.loss_cls = dict(
        type='FocalLoss', gamma=3.5, alpha=0.75, loss_weight=2.5
    )
    config.model.semi_train_cfg.update(
        pseudo_label_initial_score_thr=0.4, rpn_pseudo_thr=0.35, cls_pseudo_thr=0.35
    )
    return config


@pytest.fixture
def corrected(data_root):
    """What the doctor has nothing to say about."""
    config = _with_data(data_root)
    detector = config.model.detector
    detector.rpn_head.anchor_generator = dict(
        type='maxsight_mm.AspectAnchorGenerator',
        aspects_wh=[0.35, 0.45, 0.55, 0.65, 1.0],
        scales=[8],
        strides=[4, 8, 16, 32, 64],
    )
    detector.roi_head.bbox_head.loss_cls = dict(
        type='maxsight_mm.SafetyFocalLoss', use_sigmoid=False, gamma=1.5, alpha=1.0
    )
    config.model.semi_train_cfg.update(
        pseudo_label_initial_score_thr=0.3, rpn_pseudo_thr=0.5, cls_pseudo_thr=0.5
    )
    return config
