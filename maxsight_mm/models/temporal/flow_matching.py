"""Matching of two feature maps: backward warping and a local correlation volume.

The two parts that PWC-Net (arXiv 1709.02371, sections 3 and 4) is made of, in plain
tensor operations, so that they run and export everywhere.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def warp(features: Tensor, flow: Tensor) -> Tensor:
    """Features of the second frame where the flow says each cell has gone.

    Args:
        features: (B, C, H, W) float of the second frame.
        flow: (B, 2, H, W) float cells, x to the right and y down, on the grid of the
            first frame.

    Returns:
        (B, C, H, W) float on the grid of the first frame; beyond the border, the
        border's features.
    """
    height, width = features.shape[-2:]
    x = torch.arange(width, device=flow.device, dtype=torch.float32)
    y = torch.arange(height, device=flow.device, dtype=torch.float32)
    # Half precision cannot tell neighbouring cells of a wide map apart.
    flow = flow.float()
    grid = torch.stack(
        [
            2 * (flow[:, 0] + x) / max(width - 1, 1) - 1,
            2 * (flow[:, 1] + y[:, None]) / max(height - 1, 1) - 1,
        ],
        dim=-1,
    )
    warped = F.grid_sample(
        features.float(), grid, padding_mode='border', align_corners=True
    )
    return warped.to(features.dtype)


def local_correlation(first: Tensor, second: Tensor, radius: int) -> Tensor:
    """Cosine of each cell's features with those around it in the other map.

    Args:
        first: (B, C, H, W) float.
        second: (B, C, H, W) float.
        radius: Cells searched in each direction, r.

    Returns:
        (B, (2r+1)^2, H, W) float in [-1, 1]; entry (dy + r) (2r + 1) + dx + r is the
        cell dy below and dx to the right; 0 outside the map.
    """
    height, width = first.shape[-2:]
    # In half precision the least norm is 0, and cells without features are nan.
    first, second = (
        F.normalize(features.float(), dim=1).to(features)
        for features in (first, second)
    )
    around = F.pad(second, (radius,) * 4)
    side = range(2 * radius + 1)
    # One product a shift: all shifts at once would hold (2r+1)^2 copies of the map.
    return torch.stack(
        [
            (first * around[..., y : y + height, x : x + width]).sum(dim=1)
            for y in side
            for x in side
        ],
        dim=1,
    )


def expected_shift(match: Tensor, radius: int) -> Tensor:
    """Mean shift under the softmax of matching logits.

    Args:
        match: (B, (2r+1)^2, H, W) float logits, in the order of
            :func:`local_correlation`.
        radius: Cells searched in each direction, r.

    Returns:
        (B, 2, H, W) float32 cells, x to the right and y down, in [-r, r].
    """
    side = torch.arange(-radius, radius + 1, device=match.device, dtype=torch.float32)
    # (B, K*K, H, W) -> (B, K, K, H, W): rows of dy, columns of dx
    share = match.float().softmax(dim=1).unflatten(1, (len(side), len(side)))
    x = torch.einsum('bxhw,x->bhw', share.sum(dim=1), side)
    y = torch.einsum('byhw,y->bhw', share.sum(dim=2), side)
    return torch.stack([x, y], dim=1)
