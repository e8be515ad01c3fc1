"""Draws boxes so that the most urgent thing is seen first.

The colour says the urgency, and so do the written level and the width of the
line: nobody has to tell red from green. Green, yellow and orange are those of
Okabe and Ito's palette for colour-blind readers; the red is darker than theirs
to stand apart from the orange in lightness too.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..taxonomy import URGENCIES, ZONES

# RGB by urgency
URGENCY_COLOURS = ((0, 158, 115), (240, 228, 66), (230, 159, 0), (190, 20, 40))
UNLABELLED_COLOUR = (170, 170, 170)

# Labels on a smaller picture cover what they name.
MIN_LONG_SIDE_PX = 640
_DARK = (40, 40, 40)
_FONT_PX = 14
_PADDING_PX = 3

_Rect = tuple[int, int, int, int]
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_safety(
    image_bgr: np.ndarray,
    boxes: np.ndarray,
    labels: Sequence[int],
    classes: Sequence[str],
    zones: Sequence[int] | None = None,
    urgencies: Sequence[int] | None = None,
    scores: Sequence[float] | None = None,
    image_urgency: int | None = None,
    ignored_boxes: np.ndarray | None = None,
) -> np.ndarray:
    """The image with its objects, each with class, urgency and zone written.

    Args:
        image_bgr: uint8 (H, W, 3).
        boxes: xyxy pixels, (N, 4).
        labels: Class index of each box.
        classes: Class names.
        zones: Zone of each box, -1 for unlabelled; its first letter is written.
        urgencies: Urgency of each box, -1 for unlabelled.
        scores: Score of each box in [0, 1].
        image_urgency: Urgency of the whole image, drawn as a frame.
        ignored_boxes: xyxy pixels, (M, 4), of objects that are neither learned nor
            judged: thin grey lines below the others, with nothing written.

    Returns:
        uint8 BGR; a small image is enlarged to a long side of 640 pixels.

    Raises:
        ValueError: If the image is not (H, W, 3) or the lengths differ.
    """
    if image_bgr.ndim != 3 or image_bgr.shape[2] != 3:
        raise ValueError(f'expected an image (H, W, 3), got {image_bgr.shape}')
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    for name, values in (
        ('labels', labels),
        ('zones', zones),
        ('urgencies', urgencies),
        ('scores', scores),
    ):
        if values is not None and len(values) != len(boxes):
            raise ValueError(f'{len(boxes)} boxes but {len(values)} {name}')
    scale = max(1.0, MIN_LONG_SIDE_PX / max(image_bgr.shape[:2]))
    size = (round(image_bgr.shape[1] * scale), round(image_bgr.shape[0] * scale))
    if scale > 1:
        image_bgr = cv2.resize(image_bgr, size, interpolation=cv2.INTER_CUBIC)
    canvas = Image.fromarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=_FONT_PX)

    levels = [-1] * len(boxes) if urgencies is None else [int(u) for u in urgencies]
    for box in _drawn(ignored_boxes if ignored_boxes is not None else [], scale, size):
        draw.rectangle(box, outline=UNLABELLED_COLOUR, width=1)
    drawn = _drawn(boxes, scale, size)
    # The least urgent first, so that the most urgent lies on top.
    rising = sorted(range(len(boxes)), key=levels.__getitem__)
    for i in rising:
        width = 3 if levels[i] >= 2 else 2
        # A dark line below shows on grounds as bright as the colour.
        draw.rectangle(drawn[i], outline=_DARK, width=width + 1)
        draw.rectangle(drawn[i], outline=_colour(levels[i]), width=width)

    tags: list[tuple[str, int, _Rect]] = []
    if image_urgency is not None:
        level = int(image_urgency)
        draw.rectangle(
            (0, 0, size[0] - 1, size[1] - 1), outline=_colour(level), width=5
        )
        text = f'image: {URGENCIES[level] if level >= 0 else "unlabelled"}'
        tags.append(
            _placed_tag(font, size, text, level, (0, size[1], 0, size[1]), tags)
        )
    # The most urgent chooses its place first.
    for i in reversed(rising):
        parts = [classes[int(labels[i])]]
        if levels[i] >= 0:
            parts.append(URGENCIES[levels[i]])
        if zones is not None and zones[i] >= 0:
            parts.append(ZONES[int(zones[i])][0].upper())
        if scores is not None:
            parts.append(f'{float(scores[i]):.2f}')
        text = ' '.join(parts)
        tags.append(_placed_tag(font, size, text, levels[i], drawn[i], tags))
    for tag in reversed(tags):
        _draw_tag(draw, font, *tag)
    return cv2.cvtColor(np.asarray(canvas), cv2.COLOR_RGB2BGR)


def _drawn(
    boxes: Sequence[Sequence[float]] | np.ndarray, scale: float, size: tuple[int, int]
) -> list[list[int]]:
    """Boxes in whole pixels of the canvas of ``size`` (width, height)."""
    boxes = np.rint(np.asarray(boxes, dtype=float).reshape(-1, 4) * scale).astype(int)
    last_x, last_y = size[0] - 1, size[1] - 1
    return np.clip(boxes, 0, (last_x, last_y, last_x, last_y)).tolist()


def _colour(level: int) -> tuple[int, int, int]:
    return URGENCY_COLOURS[level] if level >= 0 else UNLABELLED_COLOUR


def _placed_tag(
    font: _Font,
    size: tuple[int, int],
    text: str,
    level: int,
    box: Sequence[int],
    tags: Sequence[tuple[str, int, _Rect]],
) -> tuple[str, int, _Rect]:
    """The text, cut to the image's width, with its level and its place."""
    text = _shortened(font, text, size[0] - 2 * _PADDING_PX)
    tag_w = min(round(font.getlength(text)) + 2 * _PADDING_PX, size[0])
    tag_h = min(_FONT_PX + 2 * _PADDING_PX, size[1])
    return text, level, _place(box, tag_w, tag_h, size, [tag[2] for tag in tags])


def _draw_tag(
    draw: ImageDraw.ImageDraw,
    font: _Font,
    text: str,
    level: int,
    place: _Rect,
) -> None:
    left, top, right, bottom = place
    draw.rectangle((left, top, right - 1, bottom - 1), fill=_colour(level))
    ink = 'white' if level == len(URGENCIES) - 1 else 'black'
    middle = (left + _PADDING_PX, (top + bottom) / 2)
    draw.text(middle, text, fill=ink, font=font, anchor='lm')


def _place(
    box: Sequence[int],
    tag_w: int,
    tag_h: int,
    size: tuple[int, int],
    taken: Sequence[_Rect],
) -> _Rect:
    """Above, inside or below the box, wherever fewest tags lie already."""
    x1, y1, x2, y2 = box
    candidates = []
    for x in (x1, x2 - tag_w + 1):
        for y in (y1 - tag_h, y1, y2 - tag_h + 1, y2 + 1):
            left = min(max(x, 0), size[0] - tag_w)
            top = min(max(y, 0), size[1] - tag_h)
            candidates.append((left, top, left + tag_w, top + tag_h))
    return min(candidates, key=lambda c: sum(_overlap(c, other) for other in taken))


def _overlap(a: _Rect, b: _Rect) -> int:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0) * max(height, 0)


def _shortened(font: _Font, text: str, width_px: int) -> str:
    """Cuts the text until it fits the width."""
    if font.getlength(text) <= width_px:
        return text
    while text and font.getlength(f'{text}...') > width_px:
        text = text[:-1]
    return f'{text}...' if text else ''
