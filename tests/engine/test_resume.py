"""Two epochs and two resumed ones log the losses of four in one go."""

import json
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.checkpoint import CheckpointError
from tests.models.toy_detector import toy_config

CLASSES = ('red', 'green', 'blue')


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    """Eight pictures of one coloured square each, as COCO files."""
    import cv2
    import numpy as np

    root = tmp_path_factory.mktemp('squares')
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
                checkpoint_guard=dict(type='CheckpointGuardHook'),
            ),
            randomness=dict(seed=3),
            work_dir=str(work_dir),
            experiment_name=f'{work_dir.name}_{max_epochs}',
            log_level='WARNING',
        )
    )


def run(config: Config, resume: bool = False) -> None:
    config.resume = resume
    Runner.from_cfg(config).train()


def logged(work_dir: Path) -> list[dict[str, float]]:
    """Every logged loss by step, of all runs in a folder in order of time."""
    lines = []
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        lines += [json.loads(line) for line in path.read_text().splitlines()]
    lines.sort(key=lambda line: line['step'])
    return [{k: v for k, v in line.items() if 'loss' in k} for line in lines]


@pytest.fixture(autouse=True)
def strict_loading(monkeypatch):
    from mmengine.runner.checkpoint import CheckpointLoader

    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())
    checkpoint.install()


def test_resumed_training_logs_the_same_losses(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'whole', 4))
    run(make_config(data_root, tmp_path / 'halves', 2))
    run(make_config(data_root, tmp_path / 'halves', 4), resume=True)
    whole, halves = logged(tmp_path / 'whole'), logged(tmp_path / 'halves')
    assert len(whole) == 8
    assert halves == whole


def test_checkpoint_of_another_model_is_refused(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'first', 1))
    config = make_config(data_root, tmp_path / 'other', 1)
    config.model = toy_config(channels=24)
    config.load_from = str(tmp_path / 'first/epoch_1.pth')
    with pytest.raises(CheckpointError, match='another model.*of another shape'):
        Runner.from_cfg(config).test()


def test_checkpoint_of_other_classes_is_refused(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'first', 1))
    config = make_config(data_root, tmp_path / 'other', 1)
    config.test_dataloader.dataset.metainfo.classes = ('green', 'red', 'blue')
    config.load_from = str(tmp_path / 'first/epoch_1.pth')
    with pytest.raises(CheckpointError, match="0: 'red' for 'green'"):
        Runner.from_cfg(config).test()


def test_fine_tuning_takes_what_fits(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'first', 1))
    config = make_config(data_root, tmp_path / 'tuned', 1)
    config.model.safety_heads.classification.num_classes = 5
    config.load_from = str(tmp_path / 'first/epoch_1.pth')
    run(config)
    assert (tmp_path / 'tuned/epoch_1.pth').is_file()
