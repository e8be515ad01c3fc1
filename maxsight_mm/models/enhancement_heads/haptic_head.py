"""Which vibration to play: how urgent, and on which side."""

import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.haptics import HAPTIC_PATTERNS


@MODELS.register_module()
class HapticHead(ContextGlobalHead):
    """One of ``taxonomy.haptics.HAPTIC_PATTERNS``, cross entropy.

    Args:
        in_channels: Channels of the pooled feature.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'haptic'
    criticality = 'enhancement'
    targets = ('haptic_pattern',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.3
    ) -> None:
        super().__init__(
            in_channels, len(HAPTIC_PATTERNS), hidden_channels, loss_weight
        )

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, 10) logits against (K,) int64 patterns."""
        loss = F.cross_entropy(outputs['logits'].float(), targets['haptic_pattern'])
        return {'loss_haptic': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, 10) float adding up to 1, ``labels`` (B,) int64."""
        scores = outputs['logits'].softmax(dim=-1)
        return {'scores': scores, 'labels': scores.argmax(dim=-1)}
