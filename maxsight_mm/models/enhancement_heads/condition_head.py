"""Which eye condition the image was seen with, and how severe it is."""

import torch
import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.conditions import CONDITIONS


@MODELS.register_module()
class ConditionHead(ContextGlobalHead):
    """Severity of each of ``CONDITIONS``, binary cross entropy with soft targets.

    The loss is a proper scoring rule for the mean: the answer is the severity one
    has to expect.

    Args:
        in_channels: Channels of the pooled feature.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'condition'
    criticality = 'enhancement'
    targets = ('condition_severity',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.3
    ) -> None:
        super().__init__(
            in_channels, len(CONDITIONS), hidden_channels, loss_weight=loss_weight
        )

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, 13) logits where the (K, 13) severities are known."""
        logits, severity = outputs['logits'].float(), targets['condition_severity']
        known = severity.isfinite()
        losses = F.binary_cross_entropy_with_logits(
            logits, torch.where(known, severity, 0.0), reduction='none'
        )
        return {'loss_condition': (losses * known).sum() / known.sum().clamp(min=1)}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, 13) float in [0, 1], expected severities."""
        return {'scores': outputs['logits'].sigmoid()}
