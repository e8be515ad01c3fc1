"""The data sets behind the wrappers of a config, and where their files lie."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Settings = Mapping[str, Any]


def dataset_leaves(dataset: Settings) -> list[Settings]:
    """Data sets that read files, in the order of their concatenation.

    Args:
        dataset: ``dataset`` of a loader: a data set, or wrappers around it with
            ``dataset`` or ``datasets``.
    """
    if 'dataset' in dataset:
        return dataset_leaves(dataset['dataset'])
    if 'datasets' in dataset:
        return [leaf for each in dataset['datasets'] for leaf in dataset_leaves(each)]
    return [dataset]


def training_leaves(config: Settings) -> list[Settings]:
    """Leaves of the training loader; the labelled data set is the first.

    Raises:
        ValueError: If the config has no training data.
    """
    loader = config.get('train_dataloader') or {}
    if not loader.get('dataset'):
        raise ValueError('the config has no train_dataloader.dataset')
    return dataset_leaves(loader['dataset'])


def annotation_file(leaf: Settings) -> Path | None:
    """Path of a data set's JSON file; None if it names none."""
    name = leaf.get('ann_file')
    return Path(leaf.get('data_root') or '', name) if name else None


def image_folder(leaf: Settings) -> Path:
    """Folder that the file names of a data set begin in."""
    prefix = leaf.get('data_prefix') or {}
    if isinstance(prefix, Mapping):
        prefix = prefix.get('img') or prefix.get('img_path') or ''
    return Path(leaf.get('data_root') or '', prefix)
