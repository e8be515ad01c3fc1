"""Smooth random fields."""

import cv2
import numpy as np


def smooth_noise(
    rng: np.random.Generator, size: tuple[int, int], cell: float | tuple[float, float]
) -> np.ndarray:
    """(H, W) float32, about N(0, 1) at grid points ``cell`` pixels apart.

    Args:
        rng: Source of randomness.
        size: Height and width.
        cell: Distance of grid points, or one down and one across.
    """
    down, across = cell if isinstance(cell, tuple) else (cell, cell)
    height, width = size
    grid = rng.standard_normal(
        (max(2, round(height / down)) + 1, max(2, round(width / across)) + 1)
    )
    return cv2.resize(
        grid.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
