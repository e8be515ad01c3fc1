from .class_weighted_loss import ClassWeightedLoss
from .multi_part_loss import MultiPartDetectionLoss
from .safety_focal_loss import SafetyFocalLoss
from .task_losses import (
    CostMatrixLoss,
    SafetyBCELoss,
    SafetyCrossEntropyLoss,
    activated,
)

__all__ = [
    'ClassWeightedLoss',
    'CostMatrixLoss',
    'MultiPartDetectionLoss',
    'SafetyBCELoss',
    'SafetyCrossEntropyLoss',
    'SafetyFocalLoss',
    'activated',
]
