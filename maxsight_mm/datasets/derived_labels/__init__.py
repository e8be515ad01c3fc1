"""Labels made from other labels: one file a family, one function a label."""

from .caption import caption_ids
from .concepts import concepts
from .contrast import contrast_map, scene_contrast
from .haptic import haptic_pattern
from .hazard import hazard_within, time_to_hazard_s
from .lighting import lighting_label
from .navigation import (
    free_path,
    head_obstacle,
    navigation_difficulty,
    roi_priorities,
)
from .personal import alerts, danger_alerts, user
from .registry import DERIVED, PER_OBJECT, derives
from .relations import relation_labels
from .scene_descriptor import scene_descriptor
from .sound import sound_azimuth_deg, sound_events
from .text import text_ids, text_quads, text_regions
from .therapy import fatigue, focus_depth_m

__all__ = [
    'DERIVED',
    'PER_OBJECT',
    'alerts',
    'caption_ids',
    'concepts',
    'contrast_map',
    'danger_alerts',
    'derives',
    'fatigue',
    'focus_depth_m',
    'free_path',
    'haptic_pattern',
    'hazard_within',
    'head_obstacle',
    'lighting_label',
    'navigation_difficulty',
    'relation_labels',
    'roi_priorities',
    'scene_contrast',
    'scene_descriptor',
    'sound_azimuth_deg',
    'sound_events',
    'text_ids',
    'text_quads',
    'text_regions',
    'time_to_hazard_s',
    'user',
]
