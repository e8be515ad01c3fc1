"""Which concepts are in the scene: several yes-or-no answers an image."""

import torch
import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.concepts import CONCEPTS


@MODELS.register_module()
class ConceptHead(ContextGlobalHead):
    """One logit a concept of ``CONCEPTS``, binary cross entropy.

    Args:
        in_channels: Channels of the pooled feature.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'concept'
    criticality = 'enhancement'
    targets = ('concepts',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.4
    ) -> None:
        super().__init__(
            in_channels, len(CONCEPTS), hidden_channels, loss_weight=loss_weight
        )

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, 16) logits where the (K, 16) targets are known, 0 or 1."""
        logits, shown = outputs['logits'].float(), targets['concepts'].float()
        known = shown.isfinite() & (shown >= 0)
        losses = F.binary_cross_entropy_with_logits(
            logits, torch.where(known, shown, 0.0), reduction='none'
        )
        return {'loss_concept': (losses * known).sum() / known.sum().clamp(min=1)}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, 16) float in [0, 1], in the order of ``CONCEPTS``."""
        return {'scores': outputs['logits'].sigmoid()}
