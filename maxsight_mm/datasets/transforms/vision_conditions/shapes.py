"""Things that are not there: floaters, a second image, noise, bent lines."""

import cv2
import numpy as np

from .blur import gaussian_blur


def floaters(
    image: np.ndarray, severity: float, rng: np.random.Generator
) -> np.ndarray:
    """Dark strands and specks that drift in the eye, out of focus."""
    if severity == 0:
        return image
    height, width = image.shape[:2]
    layer: np.ndarray = np.zeros((height, width), np.uint8)
    unit = width / 320
    for _ in range(1 + round(9 * severity)):
        turns = rng.normal(0, 0.35, 16)
        turns[0] = rng.uniform(0, 2 * np.pi)
        course = np.cumsum(turns)
        steps = 2.5 * unit * np.stack([np.cos(course), np.sin(course)], axis=1)
        start = rng.uniform((0, 0), (width, height))
        strand = start + np.cumsum(steps, axis=0)
        points = np.round(strand).astype(np.int32).reshape(-1, 1, 2)
        thick = max(round(rng.uniform(1.5, 4) * unit), 1)
        cv2.polylines(layer, [points], False, 255, thick, cv2.LINE_AA)
    for _ in range(round(12 * severity)):
        centre = rng.uniform((0, 0), (width, height))
        radius = max(round(rng.uniform(1.5, 4.5) * unit), 1)
        place = (int(centre[0]), int(centre[1]))
        cv2.circle(layer, place, radius, 255, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(layer, (0, 0), max(1.6 * unit, 0.3)).astype(np.float32)
    shade = np.clip((0.4 + 0.4 * severity) * soft / 255, 0, 0.8)[..., None]
    return cv2.convertScaleAbs(image * (1 - shade))


def double_vision(image: np.ndarray, severity: float, turn_deg: float) -> np.ndarray:
    """A weaker second image, up to 9 % of the width aside and turned a little."""
    if severity == 0:
        return image
    height, width = image.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    turn = cv2.getRotationMatrix2D(centre, turn_deg * severity, 1.0)
    shift = np.array([[0, 0, 0.09 * width], [0, 0, 0.012 * height]])
    matrix = turn + severity * shift
    second = cv2.warpAffine(
        image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    weight = 0.48 * min(0.4 + severity, 1.0)
    return cv2.addWeighted(image, 1 - weight, second, weight, 0)


def noise(image: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Visual snow: grey flicker in small grains."""
    if severity == 0:
        return image
    grains = rng.normal(0, 45 * severity, image.shape[:2]).astype(np.float32)
    return cv2.convertScaleAbs(np.clip(image + grains[..., None], 0, 255))


def bend(
    image: np.ndarray,
    severity: float,
    rng: np.random.Generator,
    central: bool = False,
) -> np.ndarray:
    """Straight lines wave (metamorphopsia), everywhere or about the middle."""
    if severity == 0:
        return image
    height, width = image.shape[:2]
    cells = rng.normal(0, 1, (2, 7, 9)).astype(np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    shift = [
        0.016
        * width
        * severity
        * cv2.resize(c, (width, height), interpolation=cv2.INTER_CUBIC)
        for c in cells
    ]
    if central:
        off_x, off_y = x - width / 2, y - height / 2
        near = np.exp(-(off_x**2 + off_y**2) / (0.35 * min(height, width)) ** 2)
        shift = [1.6 * near * part for part in shift]
    return cv2.remap(
        image,
        x + shift[0],
        y + shift[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def crowd(image: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Detail runs into its neighbours: fine shifts and a slight blur."""
    if severity == 0:
        return image
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    grains = rng.normal(0, 1, (2, height, width)).astype(np.float32)
    grain_px = max(width / 160, 1.0)
    shift = [
        0.02
        * width
        * severity
        * 1.8
        * grain_px
        * cv2.GaussianBlur(part, (0, 0), grain_px)
        for part in grains
    ]
    moved = cv2.remap(
        image,
        x + shift[0],
        y + shift[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return gaussian_blur(moved, 0.25 * severity)
