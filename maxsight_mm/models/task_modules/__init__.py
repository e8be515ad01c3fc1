from .context_targets import context_targets
from .dense_targets import DenseTargets
from .detection_decoder import DetectionDecoder
from .image_error import image_error_target

__all__ = ['DenseTargets', 'DetectionDecoder', 'context_targets', 'image_error_target']
