"""Is there an object here, and how well is its box placed?

The positive target is the overlap of the predicted box with its object (VarifocalNet,
arXiv 2008.13367, and generalized focal loss, arXiv 2006.04388), so that the score
ranks boxes by their quality; ``soft_target=False`` gives the plain 0/1 target.
"""

from torch import Tensor

from maxsight_mm.models.heads import DenseHead
from maxsight_mm.models.losses.functional import sigmoid_focal_loss
from maxsight_mm.registry import MODELS


@MODELS.register_module()
class ObjectnessHead(DenseHead):
    """One logit a location, focal loss over all locations.

    Args:
        in_channels: Channels of the geometric tower.
        alpha: Weight of objects against background.
        gamma: Focusing exponent.
        soft_target: Use the overlap as the positive target instead of 1.
        loss_weight: Factor on the loss.
    """

    task = 'objectness'
    criticality = 'safety'
    inputs = ('geometric',)
    targets = ('objectness',)

    def __init__(
        self,
        in_channels: int,
        alpha: float = 0.25,
        gamma: float = 2.0,
        soft_target: bool = True,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(in_channels, 1, prior_prob=0.01, loss_weight=loss_weight)
        self.alpha = alpha
        self.gamma = gamma
        self.soft_target = soft_target

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Sum over (M, 1) logits against (M,) overlaps, by the positive count."""
        overlap = targets['objectness']
        positive = overlap > 0
        wanted = overlap if self.soft_target else positive.to(overlap)
        loss = sigmoid_focal_loss(
            outputs['logits'].squeeze(-1).float(), wanted, self.alpha, self.gamma
        )
        return {'loss_objectness': loss.sum() / positive.sum().clamp(min=1)}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, N) float in [0, 1]."""
        return {'scores': outputs['logits'].squeeze(-1).sigmoid()}
