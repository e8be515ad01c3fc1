from .box_head import BoxHead
from .classification_head import ClassificationHead
from .distance_head import DistanceHead
from .object_urgency_head import ObjectUrgencyHead
from .objectness_head import ObjectnessHead
from .uncertainty_head import UncertaintyHead
from .urgency_head import UrgencyHead

__all__ = [
    'BoxHead',
    'ClassificationHead',
    'DistanceHead',
    'ObjectUrgencyHead',
    'ObjectnessHead',
    'UncertaintyHead',
    'UrgencyHead',
]
