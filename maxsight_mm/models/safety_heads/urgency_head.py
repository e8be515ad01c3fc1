"""How urgent is the scene, and each object: safe, caution, warning or danger."""

import torch
from torch import Tensor

from maxsight_mm.models.heads import DenseHead, GlobalHead
from maxsight_mm.models.losses.functional import (
    class_weight_tensor,
    softmax_focal_loss,
)
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.levels import URGENCIES

# An overlooked danger costs more than a false alarm.
_CLASS_WEIGHT = (1.0, 1.5, 2.0, 3.0)


class _UrgencyLoss:
    """Focal loss with urgency weights, and the cautious decision, for both heads."""

    task: str

    def _set_up(self, class_weight, gamma: float, min_safe_score: float) -> None:
        name = type(self).__name__
        if not 0 <= min_safe_score <= 1:
            raise ValueError(f'{name}: min_safe_score must lie in [0, 1]')
        self.gamma = gamma
        self.min_safe_score = min_safe_score
        weight = class_weight_tensor(class_weight, len(URGENCIES), name)
        self.register_buffer('class_weight', weight, persistent=False)

    def _loss(self, logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
        loss = softmax_focal_loss(
            logits.float(), labels, gamma=self.gamma, class_weight=self.class_weight
        )
        return {f'loss_{self.task}': loss.mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (..., 4) float adding up to 1 and ``labels`` (...) int64.

        The label is the best-scored level, but *safe* only where its score
        reaches ``min_safe_score``; below it the best of the other levels is given.
        """
        scores = outputs['logits'].softmax(dim=-1)
        labels = scores.argmax(dim=-1)
        unsafe = scores[..., 1:].argmax(dim=-1) + 1
        doubtful = scores[..., 0] < self.min_safe_score
        return {'scores': scores, 'labels': torch.where(doubtful, unsafe, labels)}


@MODELS.register_module()
class UrgencyHead(_UrgencyLoss, GlobalHead):
    """Urgency of the whole image.

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
        class_weight: list[float] | tuple[float, ...] | None = _CLASS_WEIGHT,
        gamma: float = 2.0,
        min_safe_score: float = 0.5,
        loss_weight: float = 1.5,
    ) -> None:
        super().__init__(in_channels, len(URGENCIES), loss_weight=loss_weight)
        self._set_up(class_weight, gamma, min_safe_score)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, 4) logits against (M,) int64 levels."""
        return self._loss(outputs['logits'], targets['urgency'])


@MODELS.register_module()
class ObjectUrgencyHead(_UrgencyLoss, DenseHead):
    """Urgency of each object, so that an alert can say which one.

    Args:
        in_channels: Channels of the semantic tower.
        class_weight: Weights of safe, caution, warning and danger.
        gamma: Focusing exponent.
        min_safe_score: Score that *safe* must reach to be answered.
        loss_weight: Factor on the loss.

    Raises:
        ValueError: If ``min_safe_score`` lies outside [0, 1].
    """

    task = 'object_urgency'
    criticality = 'safety'
    targets = ('urgencies',)

    def __init__(
        self,
        in_channels: int,
        class_weight: list[float] | tuple[float, ...] | None = _CLASS_WEIGHT,
        gamma: float = 2.0,
        min_safe_score: float = 0.5,
        loss_weight: float = 0.7,
    ) -> None:
        super().__init__(in_channels, len(URGENCIES), loss_weight=loss_weight)
        self._set_up(class_weight, gamma, min_safe_score)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, 4) logits against (M,) int64 levels."""
        return self._loss(outputs['logits'], targets['urgencies'])
