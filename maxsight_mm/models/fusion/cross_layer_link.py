"""Links between a CNN's pyramid and a ViT's tokens, in both directions.

The CNN gives the tokens local detail, the ViT gives every pyramid level global
context. Each link adds its contribution times a learnable scale that a sigmoid
keeps in (0, 1). Our design after the project's specification (scale 0.1 at start).
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS


class SigmoidScale(BaseModule):
    """A learnable number in (0, 1).

    What is learnt is the offset from the start, so that weight decay pulls towards
    the start and not towards 0.5.

    Args:
        start: Value before training, in (0, 1).

    Raises:
        ValueError: If ``start`` lies outside (0, 1).
    """

    def __init__(self, start: float = 0.1) -> None:
        super().__init__()
        if not 0 < start < 1:
            raise ValueError(f'SigmoidScale: start must lie in (0, 1), got {start}')
        self.start_logit = math.log(start / (1 - start))
        self.offset = nn.Parameter(torch.zeros(()))

    def forward(self) -> Tensor:
        """Scalar float in (0, 1)."""
        return torch.sigmoid(self.start_logit + self.offset)


@MODELS.register_module()
class CnnToVitLink(BaseModule):
    """Pyramid -> addition to the patch tokens.

    Args:
        in_channels: Channels of each level.
        num_levels: Levels of the pyramid.
        embed_dims: Channels of the tokens.
        scale: The scale at the start.
    """

    def __init__(
        self, in_channels: int, num_levels: int, embed_dims: int, scale: float = 0.1
    ) -> None:
        super().__init__()
        # One convolution over all levels is the sum of one convolution a level.
        self.proj = nn.Conv2d(in_channels * num_levels, embed_dims, 1)
        self.scale = SigmoidScale(scale)

    def forward(self, pyramid: Sequence[Tensor], grid: tuple[int, int]) -> Tensor:
        """(B, C, H_l, W_l) of each level -> (B, grid[0] * grid[1], D)."""
        # Average pooling and a 1x1 convolution commute; pooling first is cheaper.
        pooled = [F.adaptive_avg_pool2d(level, grid) for level in pyramid]
        tokens = self.proj(torch.cat(pooled, dim=1))
        # (B, D, h, w) -> (B, L, D)
        return tokens.flatten(2).transpose(1, 2) * self.scale()


@MODELS.register_module()
class VitToCnnLink(BaseModule):
    """Patch tokens -> the pyramid with their context added to every level.

    Args:
        embed_dims: Channels of the tokens.
        out_channels: Channels of each level.
        scale: The scale at the start.
    """

    def __init__(self, embed_dims: int, out_channels: int, scale: float = 0.1) -> None:
        super().__init__()
        self.proj = nn.Conv2d(embed_dims, out_channels, 1)
        self.scale = SigmoidScale(scale)

    def forward(
        self, pyramid: Sequence[Tensor], tokens: Tensor, grid: tuple[int, int]
    ) -> tuple[Tensor, ...]:
        """(B, C, H_l, W_l) of each level and (B, L, D) tokens -> levels."""
        # (B, L, D) -> (B, D, h, w)
        patches = tokens.transpose(1, 2).unflatten(2, grid)
        context = self.proj(patches) * self.scale()
        return tuple(
            level
            + F.interpolate(
                context, size=level.shape[-2:], mode='bilinear', align_corners=False
            )
            for level in pyramid
        )
