"""Pipeline steps that keep boxes, per-object labels and image labels in step."""

from .audio_augment import (
    AudioGain,
    AudioNoise,
    AudioPitchShift,
    AudioTimeShift,
    AudioTimeStretch,
)
from .change_colours import ChangeColours
from .derive_task_labels import DeriveTaskLabels
from .draw_words import DrawWords
from .load_audio import LoadAudio
from .load_clip import LoadClip
from .load_safe_image import LoadSafeImage
from .load_task_annotations import LoadTaskAnnotations
from .load_task_maps import LoadTaskMaps
from .object_labels import select_objects
from .pack_task_inputs import PackTaskInputs
from .random_zoom import RandomZoom
from .task_random_flip import TaskRandomFlip
from .vision_conditions import SimulateCondition

__all__ = [
    'AudioGain',
    'AudioNoise',
    'AudioPitchShift',
    'AudioTimeShift',
    'AudioTimeStretch',
    'ChangeColours',
    'DeriveTaskLabels',
    'DrawWords',
    'LoadAudio',
    'LoadClip',
    'LoadSafeImage',
    'LoadTaskAnnotations',
    'LoadTaskMaps',
    'PackTaskInputs',
    'RandomZoom',
    'SimulateCondition',
    'TaskRandomFlip',
    'select_objects',
]
