"""Where boxes are, and how two lie to each other, in numbers free of the image size.

The pair's numbers follow Relation Networks (arXiv 1711.11575, eq. 5), with the order
of the lower edges beside them: on level ground the lower edge tells which of two
things is nearer.
"""

import torch
from torch import Tensor

NUM_PAIR_NUMBERS = 14


def normalised_cxcywh(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """(..., 4) float32 centre, width and height as shares of the image.

    Args:
        boxes: (..., 4) float xyxy in pixels.
        image_size: Height and width in pixels.
    """
    height, width = image_size
    scale = boxes.new_tensor([width, height], dtype=torch.float32)
    low, high = boxes[..., :2].float() / scale, boxes[..., 2:].float() / scale
    return torch.cat([(low + high) / 2, high - low], dim=-1)


def intersection(boxes: Tensor) -> Tensor:
    """(B, M, M) float shared area of each two of (B, M, 4) xyxy boxes."""
    low = torch.maximum(boxes[:, :, None, :2], boxes[:, None, :, :2])
    high = torch.minimum(boxes[:, :, None, 2:], boxes[:, None, :, 2:])
    return (high - low).clamp(min=0).prod(dim=-1)


def areas(boxes: Tensor) -> Tensor:
    """(..., ) float area of (..., 4) xyxy boxes."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)


def pair_geometry(boxes: Tensor, image_size: tuple[int, int]) -> Tensor:
    """How the box of the row lies to the box of the column.

    Args:
        boxes: (B, M, 4) float xyxy in pixels.
        image_size: Height and width in pixels.

    Returns:
        (B, M, M, 14) float32, about -4 to 4: offsets of centres, lower and upper
        edges in shares of the image and in box sizes, log ratios of sizes, overlap
        (IoU and the shares of either box), and the row's own place.
    """
    place = normalised_cxcywh(boxes, image_size)
    own, other = place[:, :, None], place[:, None]
    size_own, size_other = own[..., 2:].clamp(min=1e-3), other[..., 2:].clamp(min=1e-3)
    offset = own[..., :2] - other[..., :2]
    low = own[..., 1] + own[..., 3] / 2 - other[..., 1] - other[..., 3] / 2
    high = own[..., 1] - own[..., 3] / 2 - other[..., 1] + other[..., 3] / 2
    in_sizes = (offset * 2 / (size_own + size_other)).clamp(-4, 4)
    ratio = (size_own / size_other).log().clamp(-4, 4)
    shared = intersection(boxes.float())
    area = areas(boxes.float()).clamp(min=1e-3)
    union = (area[:, :, None] + area[:, None] - shared).clamp(min=1e-3)
    lower_edge = (own[..., 1] + own[..., 3] / 2).expand(low.shape)
    numbers = [
        4 * offset,
        4 * low.unsqueeze(-1),
        4 * high.unsqueeze(-1),
        in_sizes,
        ratio,
        (shared / union).unsqueeze(-1),
        (shared / area[:, :, None]).unsqueeze(-1),
        (shared / area[:, None]).unsqueeze(-1),
        lower_edge.unsqueeze(-1),
        torch.cat([own[..., :1], size_own[..., 1:]], dim=-1).expand(*low.shape, 2),
    ]
    return torch.cat(numbers, dim=-1)
