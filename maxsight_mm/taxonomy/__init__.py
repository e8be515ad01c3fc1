"""What there is to see, and the scales on which it is judged."""

from .classes import (
    ACCESSIBILITY_CLASSES,
    CLASSES,
    COCO_CLASSES,
    ClassSpec,
    UnknownClassError,
    by_name,
    class_table,
    nearest_names,
)
from .coco import COCO_UNUSED
from .levels import URGENCIES, ZONE_LIMITS_M, ZONES, zone_of_distance

__all__ = [
    'ACCESSIBILITY_CLASSES',
    'CLASSES',
    'COCO_CLASSES',
    'COCO_UNUSED',
    'ClassSpec',
    'URGENCIES',
    'UnknownClassError',
    'ZONES',
    'ZONE_LIMITS_M',
    'by_name',
    'class_table',
    'nearest_names',
    'zone_of_distance',
]
