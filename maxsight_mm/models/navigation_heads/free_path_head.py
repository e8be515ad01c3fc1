"""Where the way is free: to the left, ahead, to the right."""

import torch
from torch import Tensor

from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.haptics import SIDES

from .placed_global_head import PlacedGlobalHead


@MODELS.register_module()
class FreePathHead(PlacedGlobalHead):
    """Whether one can go on, for each of ``SIDES``.

    Args:
        in_channels: Channels of the pooled feature and of the tokens.
        place_channels: Channels of a token with its place.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'free_path'
    targets = ('free_path',)

    def __init__(
        self,
        in_channels: int,
        place_channels: int = 64,
        hidden_channels: int = 128,
        loss_weight: float = 0.5,
    ) -> None:
        super().__init__(
            in_channels, len(SIDES), place_channels, hidden_channels, loss_weight
        )

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, 3) float that it is free, ``labels`` (B, 3) int64 0 or 1."""
        scores = outputs['logits'].sigmoid()
        return {'scores': scores, 'labels': (scores > 0.5).to(torch.int64)}
