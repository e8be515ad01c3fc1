"""A trained detector from its config and checkpoint, ready to answer."""

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

from maxsight_mm.datasets.maxsight_coco import CLASS_SETS
from maxsight_mm.engine.checkpoint import check_fits, read_checkpoint
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.models.detectors import MaxSightDetector
from maxsight_mm.registry import DATASETS, MODELS


def load_detector(
    config: Config | str | Path, checkpoint: str | Path, device: str = 'cpu'
) -> MaxSightDetector:
    """Build the model of a config and fill it.

    Args:
        config: A config, or its file.
        checkpoint: Weights that fit it exactly.
        device: Where the model goes.

    Returns:
        The detector in evaluation mode, its context stage not run.

    Raises:
        CheckpointError: If the checkpoint cannot be read or is another model's.
        ConfigError: If the config cannot be read.
        ValueError: If the config's model is no ``MaxSightDetector``, or the device
            is not there.
    """
    if not isinstance(config, Config):
        config = load_config(str(config))
    weights = read_checkpoint(checkpoint)['state_dict']
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        detector = MODELS.build(config.model)
    if not isinstance(detector, MaxSightDetector):
        raise ValueError(
            f'the model must be a MaxSightDetector, not a {type(detector).__name__}'
        )
    check_fits(weights, detector, checkpoint)
    detector.load_state_dict(
        {name.removeprefix('module.'): value for name, value in weights.items()}
    )
    detector.run_context = False
    try:
        detector.to(torch.device(device))
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f'device {device!r} cannot be used: {reason}') from None
    return detector.eval()


def classes_of(config: Config) -> tuple[str, ...]:
    """Class names of a config's test set, in label order.

    Raises:
        ValueError: If it names none.
    """
    dataset = config.test_dataloader.dataset
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        known = DATASETS.get(dataset.type).METAINFO
    classes = dataset.get('metainfo', {}).get('classes')
    if not classes and dataset.get('class_set') in CLASS_SETS:
        classes, _ = CLASS_SETS[dataset.class_set]
    classes = classes or known.get('classes')
    if not classes:
        raise ValueError(
            'the test set of the config has no metainfo.classes and no class_set'
        )
    return tuple(classes)
