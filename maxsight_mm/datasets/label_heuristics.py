"""Rules of thumb that stand in for labels nobody drew.

Every value computed here is **heuristic**: the caller marks it so, and no
metric should be read off it alone. Two ways to a distance zone are given. The
box-area rule needs nothing but the box and takes a person far away and a cup
close by for the same thing; the pinhole rule needs the real height of the class
and the focal length, and treats a box cut by the image border as the bound that
it is.
"""

import math

from ..taxonomy import by_name, zone_of_distance

# Share of the image covered by the box. The limits are those of the project's
# original specification; nobody has measured them.
NEAR_AREA_SHARE = 0.10
MEDIUM_AREA_SHARE = 0.01

# Horizontal field of view assumed where the focal length is not recorded. Phone
# main cameras lie near 65 to 70 degrees and webcams near 55 to 65 (our choice).
ASSUMED_HFOV_DEG = 60.0

# Under this height a thing lies flat: its box shows its depth on the ground.
MIN_UPRIGHT_HEIGHT_M = 0.03

# A box this close to the border counts as cut: annotators stop a pixel short.
BORDER_MARGIN_PX = 1.0


def zone_from_box_area(box_area_px: float, image_area_px: float) -> int:
    """Heuristic zone (0 near, 1 medium, 2 far) from the share a box covers.

    More than 10 % of the image is near, more than 1 % is medium.

    Raises:
        ValueError: If the image area is not positive or the box area negative.
    """
    if not image_area_px > 0 or not box_area_px >= 0:
        raise ValueError(
            'expected image_area_px > 0 and box_area_px >= 0, got '
            f'{image_area_px!r} and {box_area_px!r}'
        )
    share = box_area_px / image_area_px
    if share > NEAR_AREA_SHARE:
        return 0
    return 1 if share > MEDIUM_AREA_SHARE else 2


def urgency_from_class(name: str, moving: bool | None = None) -> int | None:
    """Heuristic urgency (0 to 3) from the class and whether the thing moves.

    A moving motor vehicle is danger; a moving person, animal, bicycle or other
    light vehicle is at least a warning; everything else takes the default of
    its class. Animals and light vehicles are our extension of the rule.

    Returns:
        None for a class that the class table does not hold: what is unknown is
        left unlabelled and never called safe.
    """
    try:
        spec = by_name(name.replace('_', ' '))
    except KeyError:
        return None
    if not moving:
        return spec.urgency
    if spec.group == 'vehicle' and spec.name != 'bicycle':
        return 3
    if spec.group in ('person', 'animal', 'vehicle', 'light vehicle'):
        return max(spec.urgency, 2)
    return spec.urgency


def height_of_class(name: str) -> float | None:
    """Typical upright height in metres; None if unknown or lying flat."""
    try:
        height_m = by_name(name.replace('_', ' ')).height_m
    except KeyError:
        return None
    return height_m if height_m >= MIN_UPRIGHT_HEIGHT_M else None


def focal_from_fov(width_px: float, hfov_deg: float = ASSUMED_HFOV_DEG) -> float:
    """Focal length in pixels of a pinhole camera: (width / 2) / tan(hfov / 2).

    Raises:
        ValueError: If the width is not positive or the angle not in (0, 180).
    """
    if not width_px > 0 or not 0 < hfov_deg < 180:
        raise ValueError(
            'expected width_px > 0 and 0 < hfov_deg < 180, got '
            f'{width_px!r} and {hfov_deg!r}'
        )
    return width_px / 2 / math.tan(math.radians(hfov_deg) / 2)


def pinhole_distance_m(box_height_px: float, height_m: float, focal_px: float) -> float:
    """Heuristic distance in metres, Z = focal_px * height_m / box_height_px.

    The class height is a typical one, so a child or a giraffe calf is placed too
    far by the ratio of the heights. For a box cut by the border the result is
    an upper bound: the hidden part would make the box higher and Z smaller.

    Raises:
        ValueError: If an argument is not positive.
    """
    if not (box_height_px > 0 and height_m > 0 and focal_px > 0):
        raise ValueError(
            'expected positive box_height_px, height_m and focal_px, got '
            f'{box_height_px!r}, {height_m!r} and {focal_px!r}'
        )
    return focal_px * height_m / box_height_px


def touches_border(box: list[float], width: int, height: int) -> bool:
    """Whether the top, bottom or a side of the image may cut the box.

    Args:
        box: xyxy in pixels.
        width: Image width in pixels.
        height: Image height in pixels.
    """
    x1, y1, x2, y2 = box
    return (
        min(x1, y1) <= BORDER_MARGIN_PX
        or x2 >= width - BORDER_MARGIN_PX
        or y2 >= height - BORDER_MARGIN_PX
    )


def zone_from_pinhole(
    name: str, box: list[float], width: int, height: int, focal_px: float
) -> int | None:
    """Heuristic zone (0 near, 1 medium, 2 far) from the pinhole distance.

    Args:
        name: Class name.
        box: xyxy in pixels.
        width: Image width in pixels.
        height: Image height in pixels.
        focal_px: Focal length in pixels.

    Returns:
        None where nothing can be said: a class of unknown or no height, or a cut
        box whose upper bound is not already near.
    """
    height_m = height_of_class(name)
    if height_m is None:
        return None
    zone = zone_of_distance(pinhole_distance_m(box[3] - box[1], height_m, focal_px))
    if zone > 0 and touches_border(box, width, height):
        return None
    return zone
