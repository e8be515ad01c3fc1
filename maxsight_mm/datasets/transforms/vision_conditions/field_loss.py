"""Parts of the visual field that are lost: what is left there is a dim, soft grey.

Brains fill blind areas with their surroundings; a lost area is therefore the image
without its detail, darkened (our design), not a black disc.
"""

import cv2
import numpy as np

from .blur import gaussian_blur


def central_loss(image: np.ndarray, severity: float) -> np.ndarray:
    """A scotoma in the middle, of a radius up to 0.42 of the shorter side."""
    distance = _distance(image)
    radius = 0.08 + 0.34 * severity
    return _dimmed(image, severity, 1 - _step(distance, radius, 0.35 * radius))


def tunnel(image: np.ndarray, severity: float) -> np.ndarray:
    """Only a disc in the middle is left: radius 1.0 of the shorter side to 0.14."""
    distance = _distance(image)
    radius = 1.0 - 0.86 * severity**0.6
    return _dimmed(image, min(1.5 * severity, 1.0), _step(distance, radius, 0.12), 0.06)


def arcuate_loss(image: np.ndarray, severity: float) -> np.ndarray:
    """Arcs above and below the middle and a step at the nose, the centre spared.

    The arcs grow together into a ring that reaches the border. Their lower half is
    weaker, as the upper field is mostly lost first.
    """
    height, width = image.shape[:2]
    distance = _distance(image)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    inner = 0.42 - 0.2 * severity
    outer = inner + 0.1 + 0.9 * severity
    ring = _step(distance, inner, 0.1) * (1 - _step(distance, outer, 0.15))
    upper = _step(0.5 - y / height, 0.08 - 0.1 * severity, 0.06)
    nasal = (1 - _step(x / width, 0.1 + 0.2 * severity, 0.1)) * _step(
        distance, inner, 0.1
    )
    lower = _step(y / height - 0.5, 0.08, 0.06) * np.clip(2 * severity - 0.8, 0, 1)
    lost = np.maximum(ring * np.maximum(upper, lower), nasal)
    return _dimmed(image, min(1.6 * severity, 1.0), lost, 0.45)


def lower_loss(image: np.ndarray, severity: float) -> np.ndarray:
    """The lower part of the field is lost, up to 0.45 of the height."""
    height, width = image.shape[:2]
    y = np.mgrid[:height, :width][0].astype(np.float32) / height
    lost = _step(y, 1.0 - 0.45 * severity, 0.12)
    return _dimmed(image, severity, lost, 0.15)


def blotches(
    image: np.ndarray, severity: float, rng: np.random.Generator
) -> np.ndarray:
    """Up to 14 soft dark patches all over the field (haemorrhages, laser scars)."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32) / min(height, width)
    lost = np.zeros((height, width), np.float32)
    for _ in range(round(14 * severity)):
        centre_x = rng.uniform(0, width / min(height, width))
        centre_y = rng.uniform(0, height / min(height, width))
        wide, high = rng.uniform(0.03, 0.06 + 0.08 * severity, 2)
        squared = ((x - centre_x) / wide) ** 2 + ((y - centre_y) / high) ** 2
        np.maximum(lost, np.exp(-(squared**1.5)), out=lost)
    return _dimmed(image, min(0.4 + severity, 1.0) if severity else 0.0, lost, 0.12)


def _distance(image: np.ndarray) -> np.ndarray:
    """(H, W) float32 distance from the middle in shorter sides."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.hypot(x - (width - 1) / 2, y - (height - 1) / 2) / min(height, width)


def _step(values: np.ndarray, limit: float, softness: float) -> np.ndarray:
    """From 0 to 1 about ``limit``, smoothly over twice ``softness``."""
    t = np.clip((values - limit) / (2 * softness) + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def _dimmed(
    image: np.ndarray, severity: float, lost: np.ndarray, light: float = 0.35
) -> np.ndarray:
    """The image with ``light`` of itself, without detail, where all is ``lost``."""
    if severity == 0:
        return image
    share = (severity * lost)[..., None].astype(np.float32)
    rest = light * gaussian_blur(image, 1.0).astype(np.float32)
    return cv2.convertScaleAbs(image * (1 - share) + rest * share)
