"""Eight pictures of coloured squares as COCO files, and a config that fits them."""

import json
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config

from tests.models.toy_detector import toy_config

CLASSES = ('red', 'green', 'blue')


def write_squares(root: Path) -> Path:
    """Write the pictures and ``all.json`` into a folder."""
    root.mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for index in range(8):
        picture = np.full((64, 64, 3), 128, np.uint8)
        label, corner = index % 3, 4 + 3 * index
        picture[corner : corner + 24, corner : corner + 24] = 0
        picture[corner : corner + 24, corner : corner + 24, 2 - label] = 255
        name = f'{index}.png'
        cv2.imwrite(str(root / name), picture)
        images.append(dict(id=index, file_name=name, width=64, height=64))
        annotations.append(
            dict(
                id=index,
                image_id=index,
                category_id=label,
                bbox=[corner, corner, 24, 24],
                area=576,
                iscrowd=0,
                zone=label,
                urgency=label,
            )
        )
    categories = [dict(id=i, name=name) for i, name in enumerate(CLASSES)]
    content = dict(images=images, annotations=annotations, categories=categories)
    (root / 'all.json').write_text(json.dumps(content))
    return root


def make_config(data_root: Path, work_dir: Path, max_epochs: int) -> Config:
    loader = dict(
        batch_size=4,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=True),
        dataset=dict(
            type='MaxSightCocoDataset',
            data_root=str(data_root),
            ann_file='all.json',
            metainfo=dict(classes=CLASSES),
            pipeline=[
                dict(type='LoadSafeImage'),
                dict(type='LoadTaskAnnotations', with_bbox=True),
                dict(type='Resize', scale=(64, 64), keep_ratio=False),
                dict(type='PackTaskInputs'),
            ],
        ),
    )
    test_loader = dict(
        loader,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(loader['dataset'], test_mode=True),
    )
    return Config(
        dict(
            default_scope='maxsight_mm',
            model=toy_config(),
            train_dataloader=loader,
            test_dataloader=test_loader,
            test_evaluator=dict(type='DetectionMetric'),
            test_cfg=dict(type='TestLoop'),
            train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=max_epochs),
            optim_wrapper=dict(
                type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3)
            ),
            param_scheduler=dict(
                type='CosineAnnealingLR', T_max=4, end=4, convert_to_iter_based=True
            ),
            default_hooks=dict(
                logger=dict(type='LoggerHook', interval=1),
                checkpoint=dict(type='CheckpointHook', interval=1),
                label_check=dict(type='LabelCheckHook'),
                checkpoint_guard=dict(type='CheckpointGuardHook'),
                visualization=dict(type='SafetyVisualizationHook'),
            ),
            randomness=dict(seed=3),
            work_dir=str(work_dir),
            # mmengine keeps one visualizer a name for the life of the process.
            experiment_name=f'{work_dir.parent.name}_{work_dir.name}_{max_epochs}',
            log_level='WARNING',
        )
    )
