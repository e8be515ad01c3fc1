"""A trained detector from its config and checkpoint, ready to answer."""

from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DefaultScope

from maxsight_mm.datasets.maxsight_coco import CLASS_SETS
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.models.detectors import MaxSightDetector
from maxsight_mm.registry import DATASETS

from .load_model import load_model


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
    detector = load_model(MaxSightDetector, config, checkpoint, device)
    detector.run_context = False
    return detector


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
