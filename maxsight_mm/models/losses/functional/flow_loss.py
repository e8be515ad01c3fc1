"""Losses of optical flow: end-point error and edge-aware smoothness.

The smoothness is that of arXiv 1609.03677, section 3.3, on vectors. Both take the
robust sqrt(|.|^2 + eps) for a length, whose gradient is finite at 0.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_EPS_PX2 = 1e-4


def end_point_error(flow: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean distance between two flows over the known pixels.

    The flow is brought to the labels, not the labels to the flow, so that sparse
    ones keep their place.

    Args:
        flow: (B, 2, h, w) float32 px.
        target: (B, 2, H, W) float32 px.
        known: (B, H, W) bool, some of it True.

    Returns:
        () float32 px.
    """
    size = target.shape[-2:]
    flow = F.interpolate(flow, size, mode='bilinear', align_corners=False)
    difference = (flow - target).movedim(1, -1)[known]
    return (difference.square().sum(dim=-1) + _EPS_PX2).sqrt().mean()


def edge_weight(image: Tensor, size: tuple[int, int]) -> Tensor:
    """exp(-|gradient|) of the brightness, the weight of the smoothness.

    Args:
        image: (B, 3, H, W) float, normalised to about unit variance.
        size: (h, w) of the flow.

    Returns:
        (B, 2, h, w) float32 in (0, 1], along x and along y.
    """
    grey = F.adaptive_avg_pool2d(image.float().mean(dim=1, keepdim=True), size)
    x = F.pad(grey.diff(dim=3), (0, 1))
    y = F.pad(grey.diff(dim=2), (0, 0, 0, 1))
    return torch.cat([x, y], dim=1).abs().neg().exp()


def roughness(flow: Tensor, weight: Tensor) -> Tensor:
    """Mean px that the flow changes from cell to cell, less across image edges.

    Args:
        flow: (B, 2, h, w) float32 px, h and w at least 2.
        weight: (B, 2, h, w) float32 of :func:`edge_weight`.

    Returns:
        () float32 px, along x plus along y.
    """
    along_x = (flow.diff(dim=3).square().sum(dim=1) + _EPS_PX2).sqrt()
    along_y = (flow.diff(dim=2).square().sum(dim=1) + _EPS_PX2).sqrt()
    x, y = along_x * weight[:, 0, :, :-1], along_y * weight[:, 1, :-1]
    return x.mean() + y.mean()
