"""How objects lie to each other by geometry alone: no parameters, no training.

Our design. With a distance each object has a place and an extent in metres: its
bearing, width and heights follow from its box and the focal length, with the horizon
in the middle of the image. Left, right, in front and behind are then read off like
those of ``synthetic/relations.py``: within ``REACH_M`` of each other, by the greater
of the two offsets; above and below where one ends as the other begins. Without
distances, zones tell depth: a nearer zone is in front, and only in one zone does the
image tell left from right and above from below. What is inside another or overlaps
it shows in the boxes.

These are heuristics: a box's middle is not the middle of the thing, and a distance is
that of its nearest point.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from .box_geometry import areas, intersection

SPATIAL_RELATIONS = (
    'above',
    'below',
    'left of',
    'right of',
    'in front of',
    'behind',
    'inside',
    'overlapping',
)
REACH_M = 4.0
LEAST_M = 0.3
# Above or below each other: largest difference of depth, largest gap between them to
# the side, and by how much one may reach into the other's height.
STACK_DEPTH_M = 1.0
STACK_GAP_M = 0.3
STACK_SLACK_M = 0.1
# Where nothing is in metres: the same in shares of the narrower and the lower box.
STACK_OVERLAP = 0.5
STACK_SLACK = 0.1
INSIDE_SHARE = 0.9
OVERLAP_SHARE = 0.1
# Share of the image's width that tells left from right where nothing is in metres.
LEAST_WIDTH_SHARE = 0.05
# Focal length over image width of a camera that sees 66 degrees.
USUAL_FOCAL = 0.77


class Triple(NamedTuple):
    """A relation of objects ``subject`` and ``object`` of one image, by index."""

    subject: int
    predicate: str
    object: int


@torch.no_grad()
def spatial_relations(
    boxes: Tensor,
    mask: Tensor,
    image_size: tuple[int, int],
    distances_m: Tensor | None = None,
    zones: Tensor | None = None,
    focal_px: float | None = None,
) -> Tensor:
    """Relations of each ordered pair, row the subject.

    Args:
        boxes: (B, M, 4) float xyxy in pixels.
        mask: (B, M) bool, False where padded.
        image_size: Height and width of the image in pixels.
        distances_m: (B, M) float; nan where unknown.
        zones: (B, M) int64, 0 near to 2 far, -1 unknown; read where there are no
            ``distances_m`` at all.
        focal_px: Focal length; by default that of a view of 66 degrees.

    Returns:
        (B, M, M, 8) bool in the order of :data:`SPATIAL_RELATIONS`.
    """
    boxes = boxes.float()
    if distances_m is not None:
        focal = USUAL_FOCAL * image_size[1] if focal_px is None else focal_px
        sides, above = _by_distance(boxes, distances_m.float(), image_size, focal)
    else:
        sides, above = _by_zone(boxes, zones, image_size[1])
    found = torch.stack([above, above.transpose(1, 2), *sides, *_shared(boxes)], dim=-1)
    # What is on top of another thing is not beside it.
    found[..., 2:6] &= ~found[..., :2].any(dim=-1, keepdim=True)
    pairs = mask[:, :, None] & mask[:, None]
    pairs &= ~torch.eye(boxes.shape[1], dtype=torch.bool, device=boxes.device)
    return found & pairs.unsqueeze(-1)


def as_triples(relations: Tensor) -> list[list[Triple]]:
    """The relations of each image of (B, M, M, 8) bool, to be read or drawn."""
    triples: list[list[Triple]] = [[] for _ in range(len(relations))]
    for image, subject, object_, kind in relations.nonzero().tolist():
        triples[image].append(Triple(subject, SPATIAL_RELATIONS[kind], object_))
    return triples


def _offset(values: Tensor) -> Tensor:
    """(B, M) to (B, M, M): that of the row less that of the column."""
    return values[:, :, None] - values[:, None]


def _meet(low: Tensor, high: Tensor, gap: float) -> Tensor:
    """(B, M, M) bool: intervals (B, M) are at most ``gap`` apart."""
    start = torch.maximum(low[:, :, None], low[:, None])
    return start <= torch.minimum(high[:, :, None], high[:, None]) + gap


def _by_distance(boxes, distances_m, image_size, focal) -> tuple[list[Tensor], Tensor]:
    height, width = image_size
    # (B, M) each: metres to the right, or down, for each metre ahead
    left, right = ((boxes[..., i] - width / 2) / focal for i in (0, 2))
    top, bottom = ((boxes[..., i] - height / 2) / focal for i in (1, 3))
    bearing = ((left + right) / 2).atan()
    ahead = distances_m * bearing.cos()
    dx, dz = _offset(distances_m * bearing.sin()), _offset(ahead)
    # Comparisons with nan are False: an unknown place is related to nothing.
    reached = torch.hypot(dx, dz) <= REACH_M
    beside = reached & (dx.abs() >= dz.abs()) & (dx.abs() > LEAST_M)
    along = reached & (dz.abs() > dx.abs()) & (dz.abs() > LEAST_M)
    sides = [beside & (dx < 0), beside & (dx > 0), along & (dz < 0), along & (dz > 0)]
    stacked = _meet(left * ahead, right * ahead, STACK_GAP_M)
    stacked &= dz.abs() <= STACK_DEPTH_M
    lowest, highest = (bottom * ahead)[:, :, None], (top * ahead)[:, None]
    return sides, stacked & (lowest <= highest + STACK_SLACK_M)


def _by_zone(boxes, zones, width) -> tuple[list[Tensor], Tensor]:
    dx = _offset((boxes[..., 0] + boxes[..., 2]) / 2) / width
    if zones is None:
        zones = torch.zeros(boxes.shape[:2], dtype=torch.int64, device=boxes.device)
    known = (zones >= 0)[:, :, None] & (zones >= 0)[:, None]
    farther = _offset(zones)
    alike = known & (farther == 0)
    beside = alike & (dx.abs() > LEAST_WIDTH_SHARE)
    nearer, behind = known & (farther < 0), known & (farther > 0)
    above = alike & _above_in_image(boxes)
    return [beside & (dx < 0), beside & (dx > 0), nearer, behind], above


def _above_in_image(boxes: Tensor) -> Tensor:
    """(B, M, M) bool: ends where the other begins, over the same columns."""
    sides = boxes[..., 2:] - boxes[..., :2]
    lesser = torch.minimum(sides[:, :, None], sides[:, None])
    over = torch.minimum(boxes[:, :, None, 2], boxes[:, None, :, 2])
    over = over - torch.maximum(boxes[:, :, None, 0], boxes[:, None, :, 0])
    ends = boxes[:, :, None, 3] <= boxes[:, None, :, 1] + STACK_SLACK * lesser[..., 1]
    return ends & (over >= STACK_OVERLAP * lesser[..., 0])


def _shared(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """(B, M, M) bool each: inside, overlapping."""
    shared, area = intersection(boxes), areas(boxes).clamp(min=1e-6)
    of_own, of_other = shared / area[:, :, None], shared / area[:, None]
    smaller = area[:, :, None] < area[:, None]
    inside = smaller & (of_own >= INSIDE_SHARE)
    nested = inside | inside.transpose(1, 2)
    overlapping = torch.maximum(of_own, of_other) >= OVERLAP_SHARE
    return inside, overlapping & ~nested
