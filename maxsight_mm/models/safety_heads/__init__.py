from .box_head import BoxHead
from .classification_head import ClassificationHead
from .distance_head import DistanceHead
from .objectness_head import ObjectnessHead
from .uncertainty_head import UncertaintyHead
from .urgency_head import ObjectUrgencyHead, UrgencyHead

__all__ = [
    'BoxHead',
    'ClassificationHead',
    'DistanceHead',
    'ObjectUrgencyHead',
    'ObjectnessHead',
    'UncertaintyHead',
    'UrgencyHead',
]
