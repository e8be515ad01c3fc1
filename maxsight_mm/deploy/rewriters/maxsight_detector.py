"""The safety pass as a graph that ends in decisions."""

from torch import Tensor

from maxsight_mm.deploy.safety_graph import SafetyGraph

from .registration import register_rewriter


@register_rewriter(
    'maxsight_mm.models.detectors.maxsight_detector.MaxSightDetector.forward'
)
def maxsight_detector__forward(
    self, batch_inputs: Tensor, data_samples=None, mode: str = 'tensor', **kwargs
) -> tuple[Tensor, ...]:
    """(B, 3, H, W) normalised images -> the fields of ``Detections``, in order."""
    return tuple(SafetyGraph(self)(batch_inputs))
