from .class_weighted_loss import ClassWeightedLoss
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
    'SafetyBCELoss',
    'SafetyCrossEntropyLoss',
    'SafetyFocalLoss',
    'activated',
]
