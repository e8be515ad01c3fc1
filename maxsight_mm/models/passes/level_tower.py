"""Convolutions shared by the pyramid levels, with their own normalisation each.

Levels differ in their statistics. One batch norm for all of them would be trained
on each level's statistics in turn and evaluated on their mixture, so every level
keeps its own (RTMDet, arXiv 2212.07784, section 3.2).
"""

from itertools import pairwise

from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn


class LevelTower(BaseModule):
    """``depth`` blocks of 3x3 convolution, norm and ReLU.

    Args:
        in_channels: Channels of the levels.
        out_channels: Channels after the first block.
        num_levels: Number of levels that share the convolutions.
        depth: Number of blocks, at least 1.
        norm_cfg: Normalisation of each block and level, batch norm by default.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_levels: int,
        depth: int,
        norm_cfg: dict | None = None,
    ) -> None:
        super().__init__()
        norm_cfg = norm_cfg or dict(type='BN')
        widths = [in_channels] + [out_channels] * depth
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1, bias=False) for a, b in pairwise(widths)
        )
        self.norms = nn.ModuleList(
            nn.ModuleList(
                build_norm_layer(norm_cfg, out_channels)[1] for _ in range(depth)
            )
            for _ in range(num_levels)
        )
        self.activation = nn.ReLU(inplace=True)

    def init_weights(self) -> None:
        for conv in self.convs:
            assert isinstance(conv, nn.Conv2d)
            # He initialisation for ReLU; a small fixed std starves deep towers
            # that train from random weights.
            nn.init.kaiming_normal_(conv.weight, nonlinearity='relu')

    def forward(self, levels: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """(B, C_in, H_l, W_l) of each level -> (B, C_out, H_l, W_l)."""
        outs = []
        for level, norms in zip(levels, self.norms, strict=True):
            assert isinstance(norms, nn.ModuleList)
            for conv, norm in zip(self.convs, norms, strict=True):
                level = self.activation(norm(conv(level)))
            outs.append(level)
        return tuple(outs)
