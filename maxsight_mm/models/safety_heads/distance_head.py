"""How far is it: near, medium or far."""

import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import DenseHead
from maxsight_mm.models.losses.functional import class_weight_tensor
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.levels import ZONES


@MODELS.register_module()
class DistanceHead(DenseHead):
    """Distance zone of each object, weighted cross entropy.

    Args:
        in_channels: Channels of the semantic tower.
        class_weight: Weights of near, medium and far.
        loss_weight: Factor on the loss.
    """

    task = 'distance'
    criticality = 'safety'
    inputs = ('semantic',)
    targets = ('zones',)

    def __init__(
        self,
        in_channels: int,
        class_weight: list[float] | None = None,
        loss_weight: float = 0.7,
    ) -> None:
        super().__init__(in_channels, len(ZONES), loss_weight=loss_weight)
        weight = class_weight_tensor(class_weight, len(ZONES), type(self).__name__)
        self.register_buffer('class_weight', weight, persistent=False)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(M, 3) logits against (M,) int64 zones, weighted mean."""
        loss = F.cross_entropy(
            outputs['logits'].float(), targets['zones'], weight=self.class_weight
        )
        return {'loss_distance': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, N, 3) float in [0, 1], adding up to 1."""
        return {'scores': outputs['logits'].softmax(dim=-1)}
