from .safety_focal_loss import SafetyFocalLoss

__all__ = ['SafetyFocalLoss']
