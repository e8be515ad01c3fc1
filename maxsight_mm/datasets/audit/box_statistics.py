"""Sizes and shapes of the boxes of each class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .collection import AuditedBox, AuditedPicture

TINY_PX = 16.0


@dataclass(frozen=True)
class BoxStatistics:
    """Boxes of one class; quartiles are of those with an area.

    Attributes:
        name: The class.
        boxes: How many.
        pictures: In how many pictures.
        width_px, height_px: Quartiles.
        aspect_wh: Quartiles of width / height.
        area_share: Quartiles of the share of the picture.
        tiny: Boxes whose longer side is under 16 px.
        degenerate: Boxes without an area.
    """

    name: str
    boxes: int
    pictures: int
    width_px: tuple[float, float, float]
    height_px: tuple[float, float, float]
    aspect_wh: tuple[float, float, float]
    area_share: tuple[float, float, float]
    tiny: int
    degenerate: int


def box_statistics(pictures: Sequence[AuditedPicture]) -> list[BoxStatistics]:
    """Of each class in the order of their names; empty without boxes."""
    names = sorted({box.name for p in pictures for box in p.boxes})
    return [_of_class(name, pictures) for name in names]


def _of_class(name: str, pictures: Sequence[AuditedPicture]) -> BoxStatistics:
    own: list[AuditedBox] = [b for p in pictures for b in p.boxes if b.name == name]
    solid = [box for box in own if box.width > 0 and box.height > 0]
    return BoxStatistics(
        name,
        len(own),
        sum(any(box.name == name for box in p.boxes) for p in pictures),
        _quartiles([box.width for box in solid]),
        _quartiles([box.height for box in solid]),
        _quartiles([box.width / box.height for box in solid]),
        _quartiles(
            [
                box.width * box.height / (box.picture_width * box.picture_height)
                for box in solid
            ]
        ),
        sum(max(box.width, box.height) < TINY_PX for box in solid),
        len(own) - len(solid),
    )


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    if not values:
        return (float('nan'),) * 3
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    return low, middle, high
