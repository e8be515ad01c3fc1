"""From labelled text quads to the maps that the text detector learns (EAST)."""

from typing import NamedTuple

import torch
from torch import Tensor

from .text_quads import inside_quads, quad_areas, quad_heights, shrink_quads

_LEGIBLE, _ILLEGIBLE = 1, 2
_MIN_AREA_PX = 1.0


class TextMaps(NamedTuple):
    """What each location of K images should answer; P = h * w locations.

    Attributes:
        score: (K, P) bool, inside a shrunk quad.
        counted: (K, P) bool, not inside an illegible text.
        quads: (K, P, 4, 2) float corners in pixels of the text of a location.
        heights: (K, P) float pixels, height of its letters.
    """

    score: Tensor
    counted: Tensor
    quads: Tensor
    heights: Tensor


def grid_points(height: int, width: int, stride: int, device) -> Tensor:
    """(h * w, 2) float32 x and y of the middle of each location, in pixels."""
    y, x = torch.meshgrid(
        torch.arange(height, device=device),
        torch.arange(width, device=device),
        indexing='ij',
    )
    return (torch.stack([x, y], -1).reshape(-1, 2).float() + 0.5) * stride


@torch.no_grad()
def text_maps(
    regions: Tensor, height: int, width: int, stride: int, shrink: float
) -> TextMaps:
    """Rasterise the texts of K images.

    A text that is too small to have a location in its shrunk quad has the one that
    holds its middle. Where texts overlap, the smallest one has the location.

    Args:
        regions: (K, R, 9) float: four corners in pixels and 0 nothing, 1 text,
            2 illegible.
        height: Rows of the map.
        width: Columns of the map.
        stride: Pixels from one location to the next.
        shrink: Border that does not count as text, in shorter sides.
    """
    points = grid_points(height, width, stride, regions.device)
    maps = [_of_image(r, points, height, width, stride, shrink) for r in regions]
    return TextMaps(*map(torch.stack, zip(*maps, strict=True)))


def _of_image(regions, points, height, width, stride, shrink) -> TextMaps:
    quads, state = regions[:, :8].float().reshape(-1, 4, 2), regions[:, 8]
    usable = quads.isfinite().all(-1).all(-1) & (quad_areas(quads) >= _MIN_AREA_PX)
    ignored = quads[usable & (state == _ILLEGIBLE)]
    quads = quads[usable & (state == _LEGIBLE)]
    # The smallest last, so that it is written over the others.
    quads = quads[quad_areas(quads).argsort(descending=True)]
    inside = inside_quads(shrink_quads(quads, shrink), points)
    cell = (quads.mean(1) / stride).floor().long()  # (T, 2)
    size = cell.new_tensor([width, height])
    in_view = ((cell >= 0) & (cell < size)).all(-1) & ~inside.any(-1)
    middle = cell[:, 1] * width + cell[:, 0]
    inside[in_view, middle[in_view]] = True
    rank = torch.arange(1, len(quads) + 1, device=points.device)[:, None] * inside
    owner = torch.cat([rank, rank.new_zeros(1, len(points))]).amax(0)
    # Row 0 for locations without a text; its numbers are not read.
    padded = torch.cat([quads.new_ones(1, 4, 2), quads])
    score = owner > 0
    blocked = inside_quads(ignored, points).any(0)
    heights = quad_heights(padded).clamp(min=1.0)
    return TextMaps(score, score | ~blocked, padded[owner], heights[owner])
