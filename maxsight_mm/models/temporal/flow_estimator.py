"""One level of coarse-to-fine flow: warp, correlate, judge the matches, correct.

After PWC-Net (arXiv 1709.02371, section 3). Departure: the decoder adds its judgement
to the correlation as logits, and their mean shift under a softmax is the flow's first
guess; the decoder then has only to correct it, which learns in fewer steps.
"""

import torch
from mmcv.cnn import ConvModule
from mmengine.model import normal_init
from torch import Tensor, nn

from .flow_matching import expected_shift, local_correlation, warp


class FlowEstimator(nn.Module):
    """Improves the flow of one level.

    Args:
        in_channels: Channels of the level.
        hidden_channels: Width of the decoder.
        radius: Cells searched around the flow so far.
    """

    def __init__(self, in_channels: int, hidden_channels: int, radius: int) -> None:
        super().__init__()
        self.radius = radius
        shifts = (2 * radius + 1) ** 2
        self.log_sharpness = nn.Parameter(torch.tensor(2.0))
        self.decoder = nn.Sequential(
            flow_conv(shifts + in_channels + 2, 2 * hidden_channels),
            flow_conv(2 * hidden_channels, hidden_channels),
        )
        self.predictor = nn.Conv2d(hidden_channels, shifts + 2, 3, padding=1)
        normal_init(self.predictor, std=0.001)

    def forward(self, first: Tensor, second: Tensor, flow: Tensor) -> Tensor:
        """Flow in cells from the (B, C, H, W) features of both frames.

        Args:
            first: (B, C, H, W) float.
            second: (B, C, H, W) float.
            flow: (B, 2, H, W) float32 cells, the flow so far.

        Returns:
            (B, 2, H, W) float32 cells.
        """
        match = local_correlation(first, warp(second, flow), self.radius)
        clues = torch.cat([match, first, flow.to(first)], dim=1)
        judged = self.predictor(self.decoder(clues))
        logits = match * self.log_sharpness.exp() + judged[:, 2:]
        shift = expected_shift(logits, self.radius)
        return flow + shift + judged[:, :2].float()


def flow_conv(in_channels: int, out_channels: int, stride: int = 1) -> ConvModule:
    """3x3 convolution, group norm and ReLU; out_channels is a multiple of 4."""
    return ConvModule(
        in_channels,
        out_channels,
        3,
        stride=stride,
        padding=1,
        norm_cfg=dict(type='GN', num_groups=4),
    )
