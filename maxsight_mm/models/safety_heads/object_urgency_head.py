"""How urgent is each object, so that an alert can say which one."""

from torch import Tensor

from maxsight_mm.models.heads import DenseHead
from maxsight_mm.models.losses.functional import (
    class_weight_tensor,
    softmax_focal_loss,
)
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.levels import URGENCIES

from .urgency_head import URGENCY_WEIGHT, cautious_levels, check_safe_score


@MODELS.register_module()
class ObjectUrgencyHead(DenseHead):
    """Urgency at each location, focal loss over the object locations.

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
    inputs = ('semantic',)
    targets = ('urgencies',)

    def __init__(
        self,
        in_channels: int,
        class_weight: list[float] | tuple[float, ...] | None = URGENCY_WEIGHT,
        gamma: float = 2.0,
        min_safe_score: float = 0.5,
        loss_weight: float = 0.7,
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
            targets['urgencies'],
            gamma=self.gamma,
            class_weight=self.class_weight,
        )
        return {'loss_object_urgency': loss.mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, N, 4) float adding up to 1, ``labels`` (B, N) int64."""
        scores = outputs['logits'].softmax(dim=-1)
        return {
            'scores': scores,
            'labels': cautious_levels(scores, self.min_safe_score),
        }
