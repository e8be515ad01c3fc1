"""What moves where: optical flow between the last two frames.

PWC-Net's idea (arXiv 1709.02371) at the size of a head: a small encoder shared by
both frames, then from coarse to fine a warp by the flow so far, a local correlation
and a decoder. The head looks at the frames themselves, because the stage A pyramid is
trained to forget where exactly within its cells things stand, and so a frame pair
costs no second safety pass.

Departure: each level is taught by itself (deep supervision, no gradient between the
flows of two levels), which needs no schedule of weights.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maxsight_mm.models.heads import BaseHead
from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.models.losses.functional.flow_loss import (
    edge_weight,
    end_point_error,
    roughness,
)
from maxsight_mm.models.temporal.flow_estimator import FlowEstimator, flow_conv
from maxsight_mm.models.temporal.motion_features import flow_direction, flow_magnitude
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle


@MODELS.register_module()
class MotionHead(BaseHead):
    """Flow from the previous frame to the current one, at a quarter of the size.

    Args:
        in_channels: Channels of a frame.
        hidden_channels: Width of the encoder at stride 4, a multiple of 8; the
            coarser levels are half as wide again.
        radius: Cells searched around the flow so far, at each of the strides 16, 8
            and 4. Radius 3 finds motions of up to 84 px.
        smoothness_weight: Factor on the smoothness, against the end-point error.
        loss_weight: Factor on the losses.
    """

    task = 'motion'
    criticality = 'navigation'
    inputs = ('frames',)
    targets = ('flow',)
    outputs = {
        'flow': ('B', 2, 'h', 'w'),
        'coarse_flow': ('B', 4, 'h', 'w'),
        'edge_weight': ('B', 2, 'h', 'w'),
    }

    def __init__(
        self,
        in_channels: int = 3,
        hidden_channels: int = 64,
        radius: int = 3,
        smoothness_weight: float = 0.1,
        loss_weight: float = 0.6,
    ) -> None:
        super().__init__(loss_weight)
        self.smoothness_weight = smoothness_weight
        fine, coarse = hidden_channels, hidden_channels * 3 // 2
        self.stem = nn.Sequential(
            flow_conv(in_channels, fine // 2, stride=2),
            flow_conv(fine // 2, fine, stride=2),
            flow_conv(fine, fine),
        )
        self.downs = nn.ModuleList(
            [
                nn.Sequential(
                    flow_conv(fine, coarse, stride=2), flow_conv(coarse, coarse)
                ),
                nn.Sequential(
                    flow_conv(coarse, coarse, stride=2), flow_conv(coarse, coarse)
                ),
            ]
        )
        self.estimators = nn.ModuleList(
            [FlowEstimator(c, fine, radius) for c in (coarse, coarse, fine)]
        )

    @property
    def loss_names(self) -> tuple[str, ...]:
        return ('loss_motion', 'loss_motion_smooth')

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        frames = features[self.inputs[0]]
        # A clip of one frame has not moved.
        previous, current = frames[:, max(frames.shape[1] - 2, 0)], frames[:, -1]
        levels = [
            level.chunk(2) for level in self._pyramid(torch.cat([previous, current]))
        ]
        flows: list[Tensor] = []
        for (first, second), estimate in zip(levels, self.estimators, strict=True):
            if flows:
                start = _resize(flows[-1].detach(), first) * 2
            else:
                start = first.new_zeros(len(first), 2, *first.shape[-2:])
            flows.append(estimate(first, second, start.float()))
        fine = flows[-1]
        coarse = [
            _resize(flow, fine) * 2 ** (2 - level)
            for level, flow in enumerate(flows[:-1])
        ]
        # Cells of stride 4 -> px of the network's input
        return {
            'flow': fine * 4,
            'coarse_flow': torch.cat(coarse, dim=1) * 4,
            'edge_weight': edge_weight(previous, (fine.shape[2], fine.shape[3])),
        }

    def _pyramid(self, images: Tensor) -> list[Tensor]:
        """Features at strides 16, 8 and 4."""
        levels = [self.stem(images)]
        for down in self.downs:
            levels.append(down(levels[-1]))
        return levels[::-1]

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(M, 2, h, w) flow against (M, 2, H, W) px, nan where unknown."""
        target = targets['flow'].float()
        known = target.isfinite().all(dim=1)
        fine, coarse = outputs['flow'].float(), outputs['coarse_flow'].float()
        if not known.any():
            zero = connected_zero([fine, coarse])
            return dict.fromkeys(self.loss_names, zero)
        error = end_point_error(fine, target, known)
        for flow in coarse.chunk(2, dim=1):
            error = error + 0.5 * end_point_error(flow, target, known)
        smooth = roughness(fine, outputs['edge_weight'].float())
        return {
            'loss_motion': error,
            'loss_motion_smooth': self.smoothness_weight * smooth,
        }

    def predict(self, outputs) -> dict[str, Tensor]:
        """Motion of what the previous frame shows, on that frame's grid.

        Returns:
            ``flow``: (B, 2, h, w) float px of the network's input, x and y.
            ``magnitude``: (B, 1, h, w) float px.
            ``direction``: (B, 1, h, w) float rad in [-pi, pi].
        """
        flow = outputs['flow']
        return {
            'flow': flow,
            'magnitude': flow_magnitude(flow),
            'direction': flow_direction(flow),
        }


def _resize(maps: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(maps, like.shape[-2:], mode='bilinear', align_corners=False)
