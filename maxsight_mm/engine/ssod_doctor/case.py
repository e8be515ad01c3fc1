"""What the checks look at: a semi-supervised config, its detector and its data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmdet.models.task_modules.prior_generators import AnchorGenerator
from mmengine.registry import DefaultScope
from torch import nn

from maxsight_mm.datasets.coco_json import DatasetError, load_coco_json
from maxsight_mm.registry import MODELS

from ..anchor_setting import anchor_generator
from ..dataset_leaves import annotation_file, image_folder, training_leaves
from ..network_boxes import NetworkBoxes, network_boxes
from ..parameter_counts import parameters_without_values

PICTURES = {'.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp'}


@dataclass(frozen=True)
class ImageSource:
    """Pictures of one of the two training sets.

    Attributes:
        path: Its JSON file, or its folder where it has none.
        images: Paths of its pictures; None if they cannot be read.
        fault: Why not.
        num_boxes: Annotations in its JSON file.
        drops_empty: Whether the data set leaves out pictures without annotations.
    """

    path: Path
    images: frozenset[str] | None = None
    fault: str | None = None
    num_boxes: int = 0
    drops_empty: bool = False


@dataclass(frozen=True)
class Case:
    """A config with what was built and read from it; None where that failed.

    Attributes:
        config: The whole config.
        detector: The student in training mode, without parameter values.
        detector_fault: Why it could not be built.
        generator: Place and anchor generator; None for heads without anchors.
        boxes: Labelled boxes at the network's size.
        labelled: Pictures with labels.
        unlabelled: Pictures without; None if the config has one training set only.
    """

    config: Mapping[str, Any]
    detector: nn.Module | None
    detector_fault: str | None
    generator: tuple[str, AnchorGenerator] | None
    boxes: NetworkBoxes | None
    labelled: ImageSource
    unlabelled: ImageSource | None

    @property
    def train_settings(self) -> Mapping[str, Any]:
        """``semi_train_cfg``."""
        return self.config['model'].get('semi_train_cfg') or {}


def read_case(config: Mapping[str, Any]) -> Case:
    """Builds the detector and reads the data of a config.

    Raises:
        ValueError: If the config has no student and teacher, or no training data.
    """
    model = config.get('model') or {}
    if 'detector' not in model:
        raise ValueError(
            'the config is not semi-supervised: it has no model.detector to make '
            'student and teacher of'
        )
    detector, fault = _build(config)
    leaves = training_leaves(config)
    try:
        generator = anchor_generator(config)
    except ValueError:
        generator = None
    try:
        boxes = network_boxes(config)
    except ValueError:
        boxes = None
    return Case(
        config,
        detector,
        fault,
        generator,
        boxes if boxes is not None and len(boxes.boxes) else None,
        _source(leaves[0]),
        _source(leaves[1]) if len(leaves) > 1 else None,
    )


def _build(config: Mapping[str, Any]) -> tuple[nn.Module | None, str | None]:
    scope = config.get('default_scope') or 'mmdet'
    try:
        with DefaultScope.overwrite_default_scope(scope), parameters_without_values():
            return MODELS.build(config['model']['detector']).train(), None
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        return None, ' '.join(str(error).split())


def _source(leaf: Mapping[str, Any]) -> ImageSource:
    path, folder = annotation_file(leaf), image_folder(leaf)
    if path is None:
        if not folder.is_dir():
            return ImageSource(folder, fault=f'there is no folder {folder}')
        found = (file for file in folder.rglob('*') if file.suffix.lower() in PICTURES)
        return ImageSource(folder, frozenset(str(file) for file in found))
    try:
        data = load_coco_json(path)
    except DatasetError as error:
        return ImageSource(path, fault=str(error))
    names = frozenset(str(folder / entry['file_name']) for entry in data['images'])
    drops_empty = bool((leaf.get('filter_cfg') or {}).get('filter_empty_gt', False))
    return ImageSource(path, names, None, len(data['annotations']), drops_empty)
