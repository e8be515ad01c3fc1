"""Will a hazard reach the walker, within half a second, one, two and four.

Discrete survival analysis: the hazard that falls into each span of time is positive
and adds up, P(within t_k) = 1 - exp(-(h_1 + ... + h_k)). A longer horizon can thus
never be answered with a lower score than a shorter one, whatever the weights.
"""

import torch
import torch.nn.functional as F
from mmengine.model import normal_init
from torch import Tensor, nn

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.horizons import HORIZONS_S

from .temporal_global_head import TemporalGlobalHead

# Keeps the logarithm of a vanishing probability, and its gradient, finite.
_LEAST_HAZARD = 1e-6


@MODELS.register_module()
class PredictiveAlertHead(TemporalGlobalHead):
    """Probability of a hazard within each of ``HORIZONS_S``.

    Args:
        in_channels: Channels of the temporal vector.
        context_channels: Channels of the context vector, by default ``in_channels``.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'predictive_alert'
    criticality = 'enhancement'
    targets = ('hazard_within',)

    def __init__(
        self,
        in_channels: int,
        context_channels: int | None = None,
        hidden_channels: int = 256,
        loss_weight: float = 0.6,
    ) -> None:
        super().__init__(
            in_channels, len(HORIZONS_S), context_channels, hidden_channels, loss_weight
        )
        self._expect_little()

    def init_weights(self) -> None:
        super().init_weights()
        self._expect_little()

    def _expect_little(self) -> None:
        """Starts at 5 % a span: softplus(-3) = 0.049."""
        last = self.mlp[-1]
        assert isinstance(last, nn.Linear)
        normal_init(last, std=0.01, bias=-3.0)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'cumulative_hazard': ('B', len(HORIZONS_S))}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        hazard = F.softplus(super().forward(features)['logits'].float())
        return {'cumulative_hazard': hazard.cumsum(dim=1) + _LEAST_HAZARD}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Cross entropy of (M, 4) hazards against (M, 4) 0, 1 or nan."""
        hazard = outputs['cumulative_hazard'].float()
        target = targets['hazard_within'].float()
        known = target.isfinite()
        hazard, target = hazard[known], target[known]
        if not len(target):
            return {'loss_predictive_alert': hazard.sum()}
        # P = 1 - exp(-H), so log(1 - P) = -H.
        log_within = torch.log(-torch.expm1(-hazard))
        loss = -(target * log_within - (1 - target) * hazard)
        return {'loss_predictive_alert': loss.mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, 4) float in [0, 1], never falling from left to right."""
        return {'scores': -torch.expm1(-outputs['cumulative_hazard'])}
