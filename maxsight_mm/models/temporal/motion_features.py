"""Speed and heading of optical flow (our design: the polar form of the vectors)."""

import torch
from torch import Tensor


def flow_magnitude(flow: Tensor) -> Tensor:
    """Length of each vector.

    Args:
        flow: (B, 2, H, W) float px, x to the right and y down.

    Returns:
        (B, 1, H, W) float px, at least 0.
    """
    return torch.linalg.vector_norm(flow, dim=1, keepdim=True)


def flow_direction(flow: Tensor) -> Tensor:
    """Heading of each vector; that of no motion is 0.

    Args:
        flow: (B, 2, H, W) float px, x to the right and y down.

    Returns:
        (B, 1, H, W) float rad in [-pi, pi]: 0 to the right, pi / 2 down.
    """
    return torch.atan2(flow[:, 1:], flow[:, :1])
