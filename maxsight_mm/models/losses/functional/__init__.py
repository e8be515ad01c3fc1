from .focal import class_weight_tensor, sigmoid_focal_loss, softmax_focal_loss

__all__ = ['class_weight_tensor', 'sigmoid_focal_loss', 'softmax_focal_loss']
