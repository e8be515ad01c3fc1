"""Pictures whose activations set the ranges of INT8."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope

from maxsight_mm.datasets.safe_image import decode_bgr
from maxsight_mm.inference import ImagePreparation, preparation_of_config
from maxsight_mm.registry import DATASETS


def training_pictures(config: Config, count: int, seed: int = 0) -> list[Path]:
    """Pictures of a config's training set, drawn without replacement.

    Args:
        config: With ``train_dataloader``; wrappers around its data set are left out.
        count: Pictures; all, where there are fewer.
        seed: Of the draw.

    Returns:
        Their paths, in the order of the draw.

    Raises:
        FileNotFoundError: If the data is missing.
        ValueError: If ``count`` is below 1.
    """
    if count < 1:
        raise ValueError(f'calibration needs at least 1 picture, got {count}')
    dataset = deepcopy(config.train_dataloader.dataset)
    while 'dataset' in dataset:
        dataset = dataset.dataset
    # What is drawn are paths; no step of the pipeline is run.
    dataset.pipeline = []
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        built = DATASETS.build(dataset)
    order = np.random.default_rng(seed).permutation(len(built))[:count]
    return [Path(built.get_data_info(int(index))['img_path']) for index in order]


def static_preparation(
    config: Config, size: tuple[int, int] | None = None
) -> ImagePreparation:
    """What the test pipeline of a config does, into one input size.

    Args:
        config: Of the model.
        size: (H, W) in pixels; by default that of a picture with the aspect of the
            pipeline's scale.

    Raises:
        ValueError: If the pipeline names no size and none is given.
    """
    preparation = preparation_of_config(config)
    if size is None:
        if preparation.scale is None:
            raise ValueError('the test pipeline has no Resize: give a size')
        width, height = preparation.scale
        step = max(preparation.size_divisor, 32)
        size = (-(-height // step) * step, -(-width // step) * step)
    return replace(preparation, fixed_size=size)


def prepared_batch(
    paths: Sequence[Path], preparation: ImagePreparation
) -> list[np.ndarray]:
    """Normalised inputs (1, 3, H, W) float32 of picture files.

    Raises:
        FileNotFoundError: If a picture is missing.
        InvalidImageError: If one cannot be read.
    """
    return [
        preparation(decode_bgr(path.read_bytes(), str(path)), str(path)).pixels[None]
        for path in paths
    ]
