from .connected_zero import connected_zero
from .focal import class_weight_tensor, sigmoid_focal_loss, softmax_focal_loss

__all__ = [
    'class_weight_tensor',
    'connected_zero',
    'sigmoid_focal_loss',
    'softmax_focal_loss',
]
