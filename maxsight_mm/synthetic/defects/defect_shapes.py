"""Outlines of defects: masks that fill their box.

Every function takes a random generator and the box's width and height in pixels and
returns an (h, w) float32 mask in [0, 1].
"""

from collections.abc import Callable

import cv2
import numpy as np

from ..noise_fields import smooth_noise

Shape = Callable[[np.random.Generator, int, int], np.ndarray]
_GRID = 48


def filling(mask: np.ndarray, width: int, height: int) -> np.ndarray:
    """A mask cut to its extent above 0.5 and stretched to a size."""
    rows = np.flatnonzero((mask > 0.5).any(axis=1))
    columns = np.flatnonzero((mask > 0.5).any(axis=0))
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR)


def patch(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A frayed patch, as rust spreads."""
    y, x = np.mgrid[-1 : 1 : _GRID * 1j, -1 : 1 : _GRID * 1j]
    radius = np.hypot(x, y).astype(np.float32)
    field = 0.62 - radius + 0.16 * smooth_noise(rng, (_GRID, _GRID), 7)
    field += 0.06 * smooth_noise(rng, (_GRID, _GRID), 2.5)
    return filling(np.clip(0.5 + 6 * field, 0, 1), width, height)


def chip(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A shell: a bulging outline with one straighter side."""
    points = 11
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = rng.uniform(0.72, 1.0, points)
    x = np.maximum(radius * np.cos(angle), -0.35)
    y = radius * np.sin(angle)
    return _polygon(x, y, width, height)


def fracture(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A jagged outline."""
    points = 14
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = np.where(np.arange(points) % 2, 1.0, rng.uniform(0.5, 0.8, points))
    return _polygon(radius * np.cos(angle), radius * np.sin(angle), width, height)


def band(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """A rounded band, as wear on a tip."""
    n = rng.uniform(2.2, 3.5)
    y, x = np.mgrid[-1 : 1 : _GRID * 1j, -1 : 1 : _GRID * 1j]
    bend = rng.uniform(-0.25, 0.25) * (x**2 - 0.5)
    inside = 0.9 - (np.abs(x) ** n + np.abs(y - bend) ** n) ** (1 / n)
    # Worn edges fade.
    return filling(np.clip(0.5 + 3 * inside.astype(np.float32), 0, 1), width, height)


def scratches(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Two to four lines from one corner's side to the other's."""
    scale = 4
    mask = np.zeros((height * scale, width * scale), np.float32)
    rising = rng.random() < 0.5
    for _ in range(rng.integers(2, 5)):
        t = rng.uniform(0, 0.35, 2)
        start = np.array([t[0] * width, rng.uniform(0, 0.3) * height])
        stop = np.array([(1 - t[1]) * width, rng.uniform(0.7, 1) * height])
        if rising:
            start[1], stop[1] = height - start[1], height - stop[1]
        thickness = int(rng.integers(scale // 2, scale + 2))
        cv2.line(
            mask,
            (start * scale).astype(int).tolist(),
            (stop * scale).astype(int).tolist(),
            1.0,
            thickness,
            cv2.LINE_AA,
        )
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    # Lines thinner than a pixel would be lost in the mask.
    return filling(np.clip(small * 2, 0, 1), width, height)


def _polygon(x: np.ndarray, y: np.ndarray, width: int, height: int) -> np.ndarray:
    mask = np.zeros((_GRID, _GRID), np.float32)
    half = _GRID / 2
    points = np.stack([half + x * (half - 2), half + y * (half - 2)], axis=1)
    cv2.fillPoly(mask, [points.round().astype(np.int32)], 1.0, cv2.LINE_AA)
    return filling(mask, width, height)


SHAPES: dict[str, Shape] = {
    'Severe_Rust': patch,
    'Chipped': chip,
    'Broken': fracture,
    'Tip_Wear': band,
    'Scratched': scratches,
}
