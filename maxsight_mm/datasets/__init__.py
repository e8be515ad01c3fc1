"""Data sets, their labels, and the checks that stand before them."""

# First: it silences a line that MMDetection's data sets print when imported.
from .. import registry  # noqa: F401
from .coco_json import DatasetError, DatasetNotFoundError, load_coco_json
from .coco_validation import ValidationReport, validate_coco
from .image_dirs import find_image_dir
from .image_task_dataset import ImageTaskDataset
from .maxsight_coco import MaxSightCocoDataset
from .safe_audio import InvalidAudioError
from .safe_image import InvalidImageError
from .samplers import LinkedViewSampler
from .unlabelled_folder import UnlabelledFolder

__all__ = [
    'DatasetError',
    'DatasetNotFoundError',
    'ImageTaskDataset',
    'InvalidAudioError',
    'InvalidImageError',
    'LinkedViewSampler',
    'MaxSightCocoDataset',
    'UnlabelledFolder',
    'ValidationReport',
    'find_image_dir',
    'load_coco_json',
    'validate_coco',
]
