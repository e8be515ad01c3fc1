"""Whether something ahead hangs at the height of a head, where no cane finds it."""

import torch
from torch import Tensor

from maxsight_mm.registry import MODELS

from .placed_global_head import PlacedGlobalHead


@MODELS.register_module()
class HeadObstacleHead(PlacedGlobalHead):
    """One yes-or-no answer an image.

    Args:
        in_channels: Channels of the pooled feature and of the tokens.
        place_channels: Channels of a token with its place.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
        min_score: Score from which it is answered with yes. Below a half, since an
            overlooked branch costs more than a false alarm.

    Raises:
        ValueError: If ``min_score`` lies outside (0, 1).
    """

    task = 'head_obstacle'
    targets = ('head_obstacle',)

    def __init__(
        self,
        in_channels: int,
        place_channels: int = 64,
        hidden_channels: int = 128,
        loss_weight: float = 0.5,
        min_score: float = 0.3,
    ) -> None:
        super().__init__(in_channels, 1, place_channels, hidden_channels, loss_weight)
        if not 0 < min_score < 1:
            raise ValueError(
                f'HeadObstacleHead: min_score must lie in (0, 1), got {min_score}'
            )
        self.min_score = min_score

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B,) float in [0, 1], ``labels`` (B,) int64 0 or 1."""
        scores = outputs['logits'].squeeze(-1).sigmoid()
        return {'scores': scores, 'labels': (scores >= self.min_score).to(torch.int64)}
