from .dense_targets import DenseTargets
from .detection_decoder import DetectionDecoder
from .image_error import image_error_target

__all__ = ['DenseTargets', 'DetectionDecoder', 'image_error_target']
