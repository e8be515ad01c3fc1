"""A tiny training of an image task classifier: bright or dark, striped or plain."""

import cv2
import numpy as np
from mmengine.config import Config

from tests.models.toy_classifier import classifier_config

TASKS = dict(light=('dark', 'bright'), pattern=('plain', 'striped'))


def write_toy_table(root, count=24, bright=6):
    """Pictures and ``labels.csv``; ``bright`` of ``count`` are bright."""
    rng = np.random.default_rng(0)
    rows = ['path,fold,light,pattern']
    for index in range(count):
        light, pattern = int(index < bright), index % 2
        image = rng.integers(0, 60, (24, 24, 3)) + 120 * light
        if pattern:
            image[:, ::4] += 70
        cv2.imwrite(str(root / f'{index}.png'), image.astype(np.uint8))
        names = TASKS['light'][light], TASKS['pattern'][pattern]
        rows.append(f'{index}.png,{index // 2 % 2},{names[0]},{names[1]}')
    (root / 'labels.csv').write_text('\n'.join(rows) + '\n')


def toy_config(root, work_dir, **changes):
    """Config of the training; ``changes`` are merged in."""
    dataset = dict(
        type='ImageTaskDataset',
        data_root=str(root),
        ann_file='labels.csv',
        tasks=TASKS,
        where={},
        pipeline=[
            dict(type='LoadSafeImage'),
            dict(type='Resize', scale=(24, 24), keep_ratio=False),
            dict(type='PackTaskInputs'),
        ],
    )
    loader = dict(
        batch_size=8,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=True),
        dataset=dataset,
    )
    config = Config(
        dict(
            default_scope='maxsight_mm',
            work_dir=str(work_dir),
            model=dict(
                classifier_config(
                    light=dict(num_classes=2), pattern=dict(num_classes=2)
                ),
                data_preprocessor=dict(
                    type='DetDataPreprocessor', mean=[80.0] * 3, std=[60.0] * 3
                ),
            ),
            train_dataloader=loader,
            val_dataloader=dict(loader, dataset=dict(dataset, test_mode=True)),
            val_evaluator=dict(type='ImageTaskMetric'),
            optim_wrapper=dict(
                type='OptimWrapper', optimizer=dict(type='AdamW', lr=3e-3)
            ),
            train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=2, val_interval=1),
            val_cfg=dict(type='ValLoop'),
            default_hooks=dict(
                logger=dict(type='LoggerHook', interval=1),
                checkpoint=dict(type='CheckpointHook', interval=1),
                task_check=dict(type='TaskCheckHook'),
                class_weight=dict(type='ClassWeightHook'),
            ),
            visualizer=dict(
                type='Visualizer',
                name=f'toy_tasks_{work_dir}',
                vis_backends=[dict(type='LocalVisBackend')],
            ),
            randomness=dict(seed=0),
            log_level='WARNING',
        )
    )
    config.merge_from_dict(changes)
    return config
