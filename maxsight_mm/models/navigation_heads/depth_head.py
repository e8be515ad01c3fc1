"""How far every pixel is, and how sure that is.

``|d - d_gt| exp(-u) + u`` of Kendall & Gal (arXiv 1703.04977) with d the logarithm of
the depth: the negative log-likelihood of a Laplace distribution around it. The
logarithm makes an error a ratio, so half a metre counts at 2 m and not at 40 m; the
answer is positive by itself; and u is a relative uncertainty, alike near and far.
"""

import math

import torch
from mmengine.model import normal_init
from torch import Tensor

from maxsight_mm.models.heads import MapHead
from maxsight_mm.registry import MODELS

# A map is labelled up to here (16 bit in mm); the sky lies beyond.
FAR_M = 65.0
_NEAR_M = 0.1
_TYPICAL_M = 8.0
_STRIDE = 4
# No surer than 5 %, no less sure than a factor of e.
_LOG_SCALE_LIMITS = (-3.0, 1.0)


@MODELS.register_module()
class DepthHead(MapHead):
    """Depth at a quarter of the size.

    Args:
        in_channels: Channels of the map.
        hidden_channels: Width of the convolutions.
        loss_weight: Factor on the loss.
    """

    task = 'depth'
    criticality = 'navigation'
    targets = ('depth',)

    def __init__(
        self, in_channels: int, hidden_channels: int = 128, loss_weight: float = 0.8
    ) -> None:
        super().__init__(in_channels, 2, hidden_channels, loss_weight)

    def init_weights(self) -> None:
        super().init_weights()
        normal_init(self.predictor, std=0.01)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(K, 2, h, w) logits against (K, 1, H, W) metres, nan where unknown.

        Of each cell of 4 x 4 px one pixel is compared: a mean over an edge would be
        the depth of nothing. Where the label is 65 m or more, only an answer that is
        nearer is wrong.
        """
        middle = _STRIDE // 2
        target = targets['depth'][..., middle::_STRIDE, middle::_STRIDE].float()
        log_depth, log_scale = _log_depth_and_scale(outputs['logits'])
        # The input may be padded at the right and below.
        rows = min(log_depth.shape[-2], target.shape[-2])
        columns = min(log_depth.shape[-1], target.shape[-1])
        target = target[..., :rows, :columns]
        known = target.isfinite() & (target > 0)
        far = target[known] >= FAR_M
        log_target = target[known].clamp(_NEAR_M, FAR_M).log()
        error = log_depth[..., :rows, :columns][known] - log_target
        error = torch.where(far, error.clamp(max=0), error).abs()
        scale = log_scale[..., :rows, :columns][known]
        loss = (error * (-scale).exp() + scale).sum() / known.sum().clamp(min=1)
        return {'loss_depth': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """Depth along the optical axis.

        Returns:
            ``metres``: (B, 1, h, w) float in [0.1, 65]; 65 means 65 m or more.
            ``spread``: (B, 1, h, w) float m, expected absolute error to first order.
        """
        log_depth, log_scale = _log_depth_and_scale(outputs['logits'])
        metres = log_depth.exp().clamp(_NEAR_M, FAR_M)
        return {'metres': metres, 'spread': metres * log_scale.exp()}


def _log_depth_and_scale(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Logarithms of metres and of the relative error, (B, 1, h, w) float32 each."""
    depth, scale = logits.float().chunk(2, dim=1)
    low, high = _LOG_SCALE_LIMITS
    return depth + math.log(_TYPICAL_M), low + (high - low) * scale.sigmoid()
