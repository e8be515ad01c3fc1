"""How well anchors overlap boxes: by shape alone, and where they really lie.

Shapes are compared centred on the box. On the image an anchor sits on the grid of its
level, so a small box between two centres of a coarse grid gets less than that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


class AnchorLevel(NamedTuple):
    """Anchors of one pyramid level around the grid's first centre.

    Attributes:
        anchors: (A, 4) xyxy pixels, as ``AnchorGenerator.base_anchors``.
        stride: (x, y) pixels between two centres.
    """

    anchors: Floats
    stride: tuple[float, float]


def shapes_of_aspects(aspects_wh: Sequence[float] | Floats) -> Floats:
    """(K, 2) widths and heights of area 1 with these width / height."""
    root = np.sqrt(np.asarray(aspects_wh, dtype=float))
    return np.stack([root, 1 / root], axis=-1)


def level_shapes(levels: Sequence[AnchorLevel]) -> Floats:
    """(M, 2) widths and heights in pixels of the anchors of all levels."""
    return np.concatenate([lvl.anchors[:, 2:] - lvl.anchors[:, :2] for lvl in levels])


def centred_iou(boxes_wh: Floats, shapes_wh: Floats) -> Floats:
    """IoU of boxes and anchors that share their centre.

    Args:
        boxes_wh: (N, 2) widths and heights, above 0.
        shapes_wh: (M, 2) the same of the anchors.

    Returns:
        (N, M) in [0, 1].
    """
    inner = np.minimum(boxes_wh[:, None], shapes_wh[None]).prod(axis=-1)
    areas = boxes_wh.prod(axis=-1)[:, None] + shapes_wh.prod(axis=-1)[None]
    return inner / (areas - inner)


def best_centred_iou(boxes_wh: Floats, shapes_wh: Floats) -> Floats:
    """(N,) IoU of each box with the anchor shape that fits it best."""
    best = np.zeros(len(boxes_wh))
    for shape in shapes_wh:
        np.maximum(best, centred_iou(boxes_wh, shape[None])[:, 0], out=best)
    return best


def best_aspect_iou(boxes_wh: Floats, aspects_wh: Sequence[float] | Floats) -> Floats:
    """(N,) best centred IoU with anchors of the box's own area: the aspect's part."""
    aspects = boxes_wh[:, 0] / boxes_wh[:, 1]
    return best_centred_iou(shapes_of_aspects(aspects), shapes_of_aspects(aspects_wh))


def best_grid_iou(
    boxes: Floats, image_wh: Floats, levels: Sequence[AnchorLevel]
) -> Floats:
    """IoU of each box with the best anchor of the whole grid.

    Of the anchors of one shape the nearest in x and in y overlaps most, so one
    candidate a shape is enough and the grid is never laid out.

    Args:
        boxes: (N, 4) xyxy pixels of the network's input.
        image_wh: (N, 2) width and height of the padded input each box lies in; a
            level has ``ceil(size / stride)`` centres along each side.
        levels: Anchors of each level.

    Returns:
        (N,) in [0, 1].
    """
    best = np.zeros(len(boxes))
    centre, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    for anchors, stride in levels:
        last = np.ceil(image_wh / np.asarray(stride)) - 1
        for anchor in np.asarray(anchors, dtype=float):
            first = (anchor[:2] + anchor[2:]) / 2
            shape = anchor[2:] - anchor[:2]
            cell = np.clip(np.rint((centre - first) / stride), 0, last)
            apart = np.abs(centre - first - cell * stride)
            sides = np.minimum((size + shape) / 2 - apart, np.minimum(size, shape))
            inner = np.clip(sides, 0, None).prod(axis=-1)
            iou = inner / (size.prod(axis=-1) + shape.prod() - inner)
            np.maximum(best, iou, out=best)
    return best
