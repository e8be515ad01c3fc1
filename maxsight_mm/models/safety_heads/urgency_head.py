"""How urgent is the scene: safe, caution, warning or danger."""

import torch
from torch import Tensor

from maxsight_mm.models.heads import GlobalHead
from maxsight_mm.models.losses.functional import (
    class_weight_tensor,
    softmax_focal_loss,
)
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.levels import URGENCIES

# An overlooked danger costs more than a false alarm.
URGENCY_WEIGHT = (1.0, 1.5, 2.0, 3.0)


def cautious_levels(scores: Tensor, min_safe_score: float) -> Tensor:
    """The best-scored level, but *safe* only where its score is high enough.

    Args:
        scores: (..., 4) float adding up to 1.
        min_safe_score: Below it the best of the other three levels is given.

    Returns:
        (...) int64 levels.
    """
    unsafe = scores[..., 1:].argmax(dim=-1) + 1
    doubtful = scores[..., 0] < min_safe_score
    return torch.where(doubtful, unsafe, scores.argmax(dim=-1))


def check_safe_score(min_safe_score: float, owner: str) -> float:
    """The score itself.

    Raises:
        ValueError: If it lies outside [0, 1].
    """
    if not 0 <= min_safe_score <= 1:
        raise ValueError(
            f'{owner}: min_safe_score must lie in [0, 1], got {min_safe_score}'
        )
    return min_safe_score


@MODELS.register_module()
class UrgencyHead(GlobalHead):
    """Urgency of the whole image, focal loss with urgency weights.

    Args:
        in_channels: Channels of the pooled feature.
        class_weight: Weights of safe, caution, warning and danger.
        gamma: Focusing exponent.
        min_safe_score: Score that *safe* must reach to be answered.
        loss_weight: Factor on the loss.

    Raises:
        ValueError: If ``min_safe_score`` lies outside [0, 1].
    """

    task = 'urgency'
    criticality = 'safety'
    targets = ('urgency',)

    def __init__(
        self,
        in_channels: int,
        class_weight: list[float] | tuple[float, ...] | None = URGENCY_WEIGHT,
        gamma: float = 2.0,
        min_safe_score: float = 0.5,
        loss_weight: float = 1.5,
    ) -> None:
        super().__init__(in_channels, len(URGENCIES), loss_weight=loss_weight)
        name = type(self).__name__
        self.gamma = gamma
        self.min_safe_score = check_safe_score(min_safe_score, name)
        weight = class_weight_tensor(class_weight, len(URGENCIES), name)
        self.register_buffer('class_weight', weight, persistent=False)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, 4) logits against (M,) int64 levels."""
        loss = softmax_focal_loss(
            outputs['logits'].float(),
            targets['urgency'],
            gamma=self.gamma,
            class_weight=self.class_weight,
        )
        return {'loss_urgency': loss.mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, 4) float adding up to 1, ``labels`` (B,) int64."""
        scores = outputs['logits'].softmax(dim=-1)
        return {
            'scores': scores,
            'labels': cautious_levels(scores, self.min_safe_score),
        }
