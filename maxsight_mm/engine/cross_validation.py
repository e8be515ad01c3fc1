"""Every picture answered by a model that did not train on it."""

import json
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from maxsight_mm.datasets.label_table import read_table
from maxsight_mm.evaluation.task_predictions import write_predictions

from .config_loading import ConfigError
from .seed_runs import SeedRun

PREDICTIONS = 'predictions.json'


def plan_folds(
    config_file: Path, config: Config, seeds: Sequence[int], out_dir: Path
) -> list[SeedRun]:
    """One training a fold and seed.

    Args:
        config_file: Path of the config.
        config: The same, read; its data sets are tables with a column ``fold``.
        seeds: Of the trainings.
        out_dir: A folder ``seed<k>/fold<f>`` of it for each.

    Raises:
        ConfigError: If the data sets are no tables, or the table has one fold.
        DatasetError: If the table cannot be read, or has no column ``fold``.
    """
    dataset = config.val_dataloader.dataset
    if not dataset.get('ann_file') or 'where' not in dataset:
        raise ConfigError(
            f'{config_file}: val_dataloader.dataset needs ann_file, a table with a '
            'column fold, and where; see configs/risk/demo_fire.py'
        )
    table = Path(dataset.get('data_root', ''), dataset.ann_file)
    names = sorted({row['fold'] for row in read_table(table, ['fold'])})
    if len(names) < 2:
        raise ConfigError(f'{table}: one fold only')
    runs = []
    for seed in seeds:
        for name in names:
            folder = out_dir / f'seed{seed}' / f'fold{name}'
            rest = ','.join(other for other in names if other != name)
            options = (
                f'train_dataloader.dataset.where.fold=[{rest}]',
                f'val_dataloader.dataset.where.fold={name}',
                f'test_dataloader.dataset.where.fold={name}',
                f'val_evaluator.out_file={folder / PREDICTIONS}',
            )
            runs.append(SeedRun(config_file, seed, folder, options))
    return runs


def merge_predictions(files: Sequence[Path], out: Path) -> int:
    """One file of all folds' answers; the number of images.

    Raises:
        FileNotFoundError: If a fold has none.
        ValueError: If two folds differ in tasks, or have an image in common.
    """
    contents = [json.loads(path.read_text()) for path in files]
    tasks = contents[0]['tasks']
    if any(content['tasks'] != tasks for content in contents):
        raise ValueError(f'{out}: the folds differ in tasks or classes')
    images = [image for content in contents for image in content['images']]
    if len({image['img_path'] for image in images}) < len(images):
        raise ValueError(f'{out}: an image is in two folds')
    write_predictions(out, tasks, images)
    return len(images)
