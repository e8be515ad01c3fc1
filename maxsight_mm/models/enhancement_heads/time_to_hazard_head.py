"""In how many seconds will the walker meet the next hazard.

A Laplace density over the logarithm of the time (our design, after arXiv 1703.04977):
an error of half a second weighs more at one second than at ten, and the head says by
itself how far off it may be. It is taught only where there is a hazard; whether there
is one says the predictive alert.
"""

import torch
from torch import Tensor

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle

from .temporal_global_head import TemporalGlobalHead

# Sooner than this is now: a walker covers 0.14 m in it.
_LEAST_S = 0.1
# Typical errors from 14 % to a factor of seven. Below, one hard example outweighs a
# batch, and training swings.
_LOG_SCALE_LIMITS = (-2.0, 2.0)


@MODELS.register_module()
class TimeToHazardHead(TemporalGlobalHead):
    """Median time to the hazard and the spread around it.

    Args:
        in_channels: Channels of the temporal vector.
        context_channels: Channels of the context vector, by default ``in_channels``.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    task = 'time_to_hazard'
    criticality = 'enhancement'
    targets = ('time_to_hazard_s',)

    def __init__(
        self,
        in_channels: int,
        context_channels: int | None = None,
        hidden_channels: int = 256,
        loss_weight: float = 0.6,
    ) -> None:
        super().__init__(in_channels, 2, context_channels, hidden_channels, loss_weight)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'log_seconds': ('B',), 'log_scale': ('B',)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        log_seconds, log_scale = super().forward(features)['logits'].float().unbind(1)
        low, high = _LOG_SCALE_LIMITS
        # A smooth limit: a clamp would stop the gradient beyond it.
        middle, half = (low + high) / 2, (high - low) / 2
        log_scale = middle + half * torch.tanh((log_scale - middle) / half)
        return {'log_seconds': log_seconds, 'log_scale': log_scale}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(M,) log seconds and scales against (M,) float seconds.

        The density's constant, log 2, is left out.
        """
        target = targets['time_to_hazard_s'].float().clamp(min=_LEAST_S).log()
        error = (outputs['log_seconds'].float() - target).abs()
        log_scale = outputs['log_scale'].float()
        loss = error * (-log_scale).exp() + log_scale
        return {'loss_time_to_hazard': loss.mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """The time and how far off it may be.

        Returns:
            ``seconds``: (B,) float s, the median.
            ``spread``: (B,) float, expected absolute error of the logarithm: the time
            is typically off by a factor of e to this power.
        """
        return {
            'seconds': outputs['log_seconds'].exp(),
            'spread': outputs['log_scale'].exp(),
        }
