"""Is there an object here, and how well is its box placed?

By default the positive target is the overlap of the predicted box with its object,
learned with the varifocal loss (VarifocalNet, arXiv 2008.13367), so that the score
ranks boxes by their quality. The plain focal loss on 0 and 1 is the other option.
The two are not to be mixed: focal loss on an overlap of 0.7 has almost no gradient
once the score is near it, and its alpha of 0.25 takes three quarters of the rest.
"""

from typing import Literal

from mmdet.models.losses.varifocal_loss import varifocal_loss
from torch import Tensor

from maxsight_mm.models.heads import DenseHead
from maxsight_mm.models.losses.functional import sigmoid_focal_loss
from maxsight_mm.registry import MODELS


@MODELS.register_module()
class ObjectnessHead(DenseHead):
    """One logit a location, learned at all locations.

    Args:
        in_channels: Channels of the geometric tower.
        loss: ``varifocal`` with the overlap as the target, alpha 0.75 on the
            background; or ``focal`` with target 1, alpha 0.25. Gamma is 2 in both.
        loss_weight: Factor on the loss.

    Raises:
        ValueError: If ``loss`` is unknown.
    """

    task = 'objectness'
    criticality = 'safety'
    inputs = ('geometric',)
    targets = ('objectness',)

    def __init__(
        self,
        in_channels: int,
        loss: Literal['varifocal', 'focal'] = 'varifocal',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(in_channels, 1, prior_prob=0.01, loss_weight=loss_weight)
        if loss not in ('varifocal', 'focal'):
            raise ValueError(
                f"ObjectnessHead: loss must be 'varifocal' or 'focal', got {loss!r}"
            )
        self.loss_type = loss

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Sum over (M, 1) logits against (M,) overlaps, by the positive count."""
        logits = outputs['logits'].squeeze(-1).float()
        overlap = targets['objectness']
        positive = overlap > 0
        if self.loss_type == 'varifocal':
            loss = varifocal_loss(logits, overlap, reduction='sum')
        else:
            loss = sigmoid_focal_loss(logits, positive.to(logits)).sum()
        return {'loss_objectness': loss / positive.sum().clamp(min=1)}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, N) float in [0, 1]."""
        return {'scores': outputs['logits'].squeeze(-1).sigmoid()}
