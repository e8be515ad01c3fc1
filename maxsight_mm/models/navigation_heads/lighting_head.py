"""Which light the scene lies in: day, overcast, dusk, night or fog."""

import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.registry import MODELS

_NUM_LIGHTINGS = 5


@MODELS.register_module()
class LightingHead(ContextGlobalHead):
    """Light of the scene, cross entropy.

    Args:
        in_channels: Channels of the pooled feature.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'lighting'
    criticality = 'navigation'
    targets = ('lighting_label',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.3
    ) -> None:
        super().__init__(in_channels, _NUM_LIGHTINGS, hidden_channels, loss_weight)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, 5) logits against (K,) int64."""
        loss = F.cross_entropy(outputs['logits'].float(), targets['lighting_label'])
        return {'loss_lighting': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, 5) float adding up to 1, ``labels`` (B,) int64."""
        scores = outputs['logits'].softmax(dim=-1)
        return {'scores': scores, 'labels': scores.argmax(dim=-1)}
