"""What the scene asks of the eyes: visual load, focus depth and contrast.

The labels are indices of the picture, no medical measure; they are defined in
``datasets/derived_labels/therapy.py``.
"""

import math

import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.registry import MODELS

from .share_loss import share_loss

_FOCUS_LIMITS_M = (0.1, 65.0)
_TYPICAL_M = 4.0


@MODELS.register_module()
class TherapyStateHead(ContextGlobalHead):
    """Three numbers an image; the focus depth is learned as a logarithm.

    Each is learned wherever it is labelled, with the others or without.

    Args:
        in_channels: Channels of the pooled feature.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on each of the losses.
    """

    task = 'therapy_state'
    criticality = 'navigation'
    targets = ('fatigue', 'focus_depth_m', 'scene_contrast')
    each_target_counts = True

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.8
    ) -> None:
        super().__init__(in_channels, 3, hidden_channels, loss_weight)

    @property
    def loss_names(self) -> tuple[str, ...]:
        return (
            'loss_therapy_state_fatigue',
            'loss_therapy_state_focus',
            'loss_therapy_state_contrast',
        )

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Means over (K, 3) logits.

        Args:
            outputs: The logits.
            targets: (K,) float each: ``fatigue`` and ``scene_contrast`` in [0, 1],
                ``focus_depth_m`` in metres; nan where unknown.
        """
        fatigue, focus, contrast = outputs['logits'].unbind(dim=-1)
        depth_m = targets['focus_depth_m'].float()
        known = depth_m.isfinite()
        log_target = (depth_m[known].clamp(*_FOCUS_LIMITS_M) / _TYPICAL_M).log()
        error = F.smooth_l1_loss(
            focus.float()[known], log_target, beta=0.1, reduction='sum'
        )
        return {
            'loss_therapy_state_fatigue': share_loss(fatigue, targets['fatigue']),
            'loss_therapy_state_focus': error / known.sum().clamp(min=1),
            'loss_therapy_state_contrast': share_loss(
                contrast, targets['scene_contrast']
            ),
        }

    def predict(self, outputs) -> dict[str, Tensor]:
        """``fatigue`` and ``contrast`` (B,) in [0, 1], ``focus_depth_m`` (B,) m."""
        fatigue, focus, contrast = outputs['logits'].float().unbind(dim=-1)
        depth_m = (focus + math.log(_TYPICAL_M)).exp().clamp(*_FOCUS_LIMITS_M)
        return {
            'fatigue': fatigue.sigmoid(),
            'focus_depth_m': depth_m,
            'contrast': contrast.sigmoid(),
        }
