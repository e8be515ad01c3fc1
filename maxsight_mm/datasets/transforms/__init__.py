"""Pipeline steps that keep boxes, per-object labels and image labels in step."""

from .load_safe_image import LoadSafeImage
from .load_task_annotations import LoadTaskAnnotations
from .object_labels import select_objects
from .pack_task_inputs import PackTaskInputs
from .random_zoom import RandomZoom
from .task_random_flip import TaskRandomFlip

__all__ = [
    'LoadSafeImage',
    'LoadTaskAnnotations',
    'PackTaskInputs',
    'RandomZoom',
    'TaskRandomFlip',
    'select_objects',
]
