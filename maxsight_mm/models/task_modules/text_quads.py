"""Geometry of rotated quads in plain torch: shrinking, inside, overlap, suppression.

A quad is four corners in the order of reading: top left, top right, bottom right,
bottom left. Quads are taken to be convex, with either sense of turning.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_SAMPLES = 8


def quad_areas(quads: Tensor) -> Tensor:
    """(...) areas of (..., 4, 2) quads; at least 0."""
    x, y = quads.unbind(-1)
    return (x * y.roll(-1, -1) - y * x.roll(-1, -1)).sum(-1).abs() / 2


def quad_heights(quads: Tensor) -> Tensor:
    """(...) heights of the letters: mean of the left and the right side."""
    left = (quads[..., 3, :] - quads[..., 0, :]).norm(dim=-1)
    right = (quads[..., 2, :] - quads[..., 1, :]).norm(dim=-1)
    return (left + right) / 2


def shrink_quads(quads: Tensor, ratio: float) -> Tensor:
    """Move each corner inwards along both sides that meet in it.

    The way is ``ratio`` times the shorter of the two, as in EAST (arXiv 1704.03155,
    section 3.3.1); for a rectangle, a border of that width.

    Args:
        quads: (..., 4, 2) float.
        ratio: 0 to 0.5.
    """
    ahead, back = quads.roll(-1, -2) - quads, quads.roll(1, -2) - quads
    shorter = torch.minimum(ahead.norm(dim=-1), back.norm(dim=-1))[..., None]
    inwards = F.normalize(ahead, dim=-1) + F.normalize(back, dim=-1)
    return quads + ratio * shorter * inwards


def grow_quads(quads: Tensor, margin: float) -> Tensor:
    """Move each corner outwards along both its sides, by heights of the letters.

    Args:
        quads: (..., 4, 2) float.
        margin: How far, in heights.
    """
    ahead, back = quads.roll(-1, -2) - quads, quads.roll(1, -2) - quads
    outwards = -F.normalize(ahead, dim=-1) - F.normalize(back, dim=-1)
    return quads + margin * quad_heights(quads)[..., None, None] * outwards


def inside_quads(quads: Tensor, points: Tensor) -> Tensor:
    """Which points lie in which quads, the border included.

    Args:
        quads: (..., 4, 2) float.
        points: (P, 2) float, or (..., P, 2) with the same leading sides.

    Returns:
        (..., P) bool; false for a quad without area.
    """
    corners, sides = quads, quads.roll(-1, -2) - quads
    left = right = (quad_areas(quads) > 0)[..., None]
    for k in range(4):
        away = points - corners[..., k, None, :]
        side = sides[..., k, None, :]
        turn = side[..., 0] * away[..., 1] - side[..., 1] * away[..., 0]
        left, right = left & (turn >= 0), right & (turn <= 0)
    return left | right


def quad_overlaps(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of each pair, from 8 x 8 points of each quad.

    Args:
        a: (N, 4, 2) float quads.
        b: (M, 4, 2) float quads.

    Returns:
        (N, M) float in [0, 1], to about 0.06.
    """
    areas_a, areas_b = quad_areas(a), quad_areas(b)
    # Each share times its own area measures the same intersection.
    of_a = _shares(a, b) * areas_a[:, None]
    of_b = _shares(b, a).T * areas_b[None]
    shared = (of_a + of_b) / 2
    union = areas_a[:, None] + areas_b[None] - shared
    return (shared / union.clamp(min=1e-6)).clamp(0, 1)


def _shares(a: Tensor, b: Tensor) -> Tensor:
    """(N, M) share of the points of each quad of ``a`` that lie in one of ``b``."""
    steps = (torch.arange(_SAMPLES, device=a.device, dtype=a.dtype) + 0.5) / _SAMPLES
    v, u = (grid.reshape(-1, 1) for grid in torch.meshgrid(steps, steps, indexing='ij'))
    top = a[:, None, 0] * (1 - u) + a[:, None, 1] * u
    bottom = a[:, None, 3] * (1 - u) + a[:, None, 2] * u
    points = top * (1 - v) + bottom * v  # (N, P, 2)
    # (M, N*P) -> (M, N, P) -> (N, M)
    inside = inside_quads(b, points.reshape(-1, 2))
    return inside.view(len(b), len(a), _SAMPLES**2).to(a).mean(-1).T


def merge_quads(
    quads: Tensor, scores: Tensor, iou_thr: float, max_num: int
) -> tuple[Tensor, Tensor]:
    """Suppress quads that overlap a better one, and average them into it.

    Each kept quad becomes the mean, weighted by the scores, of itself and of those
    that it suppresses: what EAST's locality-aware suppression does, in plain order
    of the scores.

    Args:
        quads: (N, 4, 2) float.
        scores: (N,) float in [0, 1].
        iou_thr: Overlap from which the worse of two is dropped.
        max_num: Most quads to keep.

    Returns:
        (K, 4, 2) quads and (K,) scores, best first.
    """
    order = scores.argsort(descending=True, stable=True)
    quads, scores = quads[order], scores[order]
    overlaps = quad_overlaps(quads, quads) >= iou_thr
    # The one way from the device: who is suppressed is decided item by item.
    kept, groups = _suppress(overlaps.cpu().numpy(), max_num)
    weights = scores * torch.from_numpy(groups).to(scores)
    # Not a matrix product: autocast would round pixels to half precision.
    merged = (weights[..., None] * quads.flatten(1)).sum(1)
    merged = merged / weights.sum(1, keepdim=True)
    return merged.view(-1, 4, 2), scores[torch.from_numpy(kept).to(scores.device)]


def _suppress(overlaps: np.ndarray, max_num: int) -> tuple[np.ndarray, np.ndarray]:
    """Kept quads (K,) int64 and (K, N) bool, those that each stands for.

    Args:
        overlaps: (N, N) bool, rows and columns with the best first.
        max_num: Most quads to keep.
    """
    left = np.ones(len(overlaps), dtype=bool)
    kept: list[int] = []
    groups: list[np.ndarray] = []
    for index, row in enumerate(overlaps):
        if not left[index] or len(kept) == max_num:
            continue
        group = row & left
        group[index] = True
        kept.append(index)
        groups.append(group)
        left &= ~group
    shape = len(kept), len(overlaps)
    return np.array(kept, np.int64), np.array(groups, dtype=bool).reshape(shape)
