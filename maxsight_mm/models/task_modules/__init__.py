from .aspect_anchor_generator import AspectAnchorGenerator
from .context_targets import context_targets
from .dense_targets import DenseTargets
from .detection_decoder import DetectionDecoder
from .image_error import image_error_target
from .pseudo_labels import FixedScoreThresholds, PseudoLabelGovernor, PseudoLabels

__all__ = [
    'AspectAnchorGenerator',
    'DenseTargets',
    'DetectionDecoder',
    'FixedScoreThresholds',
    'PseudoLabelGovernor',
    'PseudoLabels',
    'context_targets',
    'image_error_target',
]
