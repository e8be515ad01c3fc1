"""Convolutional block attention: which channels, then where (CBAM, arXiv 1807.06521).

mmdet has the channel half alone (``SELayer``), used here for ``attention='se'``.
"""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn


class CBAM(BaseModule):
    """Channel attention from mean and maximum, then spatial attention.

    Args:
        channels: Channels of the map.
        ratio: Reduction of the channel attention's hidden layer.
        kernel_size: Kernel of the spatial attention.
    """

    def __init__(self, channels: int, ratio: int = 16, kernel_size: int = 7) -> None:
        super().__init__()
        hidden = max(channels // ratio, 4)
        self.channel_mlp = nn.Sequential(
            nn.Linear(channels, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, channels),
        )
        self.spatial_conv = nn.Conv2d(
            2, 1, kernel_size, padding=kernel_size // 2, bias=False
        )

    def forward(self, feature: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape, each value times two gates in (0, 1)."""
        channel = self.channel_mlp(feature.mean(dim=(2, 3))) + self.channel_mlp(
            feature.amax(dim=(2, 3))
        )
        feature = feature * channel.sigmoid()[:, :, None, None]
        summary = torch.cat(
            [feature.mean(dim=1, keepdim=True), feature.amax(dim=1, keepdim=True)],
            dim=1,
        )
        return feature * self.spatial_conv(summary).sigmoid()
