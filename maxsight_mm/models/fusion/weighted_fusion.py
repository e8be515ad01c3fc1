"""Weighted fusion of a CNN's and a ViT's pooled features: the default, most stable.

``beta * cnn + (1 - beta) * vit`` with a learnable beta that a sigmoid keeps in
(0, 1). Our design after the project's specification, which adds vectors of 1024
and 768 channels; here both are projected to one width first.
"""

from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .cross_layer_link import SigmoidScale


@MODELS.register_module()
class WeightedFusion(BaseModule):
    """Learnable convex combination of two pooled features.

    Args:
        cnn_channels: Channels of the CNN's pooled feature.
        vit_channels: Channels of the tokens.
        out_channels: Channels of the result.
        beta: Share of the CNN at the start.
    """

    def __init__(
        self, cnn_channels: int, vit_channels: int, out_channels: int, beta: float = 0.5
    ) -> None:
        super().__init__()
        self.cnn_proj = nn.Linear(cnn_channels, out_channels)
        self.vit_proj = nn.Linear(vit_channels, out_channels)
        self.beta = SigmoidScale(beta)

    def forward(self, cnn: Tensor, tokens: Tensor) -> Tensor:
        """(B, C_cnn) and (B, 1 + L, D_vit), class token first -> (B, C_out)."""
        beta = self.beta()
        return beta * self.cnn_proj(cnn) + (1 - beta) * self.vit_proj(tokens[:, 0])
