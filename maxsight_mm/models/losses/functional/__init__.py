from .class_weights import FREQUENCY_POLICIES, class_weights, cost_matrix
from .connected_zero import connected_zero
from .cost_matrix_loss import cost_matrix_cross_entropy
from .focal import class_weight_tensor, sigmoid_focal_loss, softmax_focal_loss

__all__ = [
    'FREQUENCY_POLICIES',
    'class_weight_tensor',
    'class_weights',
    'connected_zero',
    'cost_matrix',
    'cost_matrix_cross_entropy',
    'sigmoid_focal_loss',
    'softmax_focal_loss',
]
