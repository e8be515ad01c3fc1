"""Outlines in the plane: (n, 2) float64 points x, y, and masks of them."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike

# Points are rasterised to a sixteenth of a pixel.
_SHIFT = 4
_MARGIN = 3


def ellipse(a: float, b: float, points: int = 28) -> np.ndarray:
    """An ellipse of half axes a (across) and b (down) around the origin."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([a * np.cos(angle), b * np.sin(angle)], axis=1)


def blob(rng: np.random.Generator, a: float, b: float, rough: float) -> np.ndarray:
    """An ellipse with waves; ``rough`` is their size as a share of the radius."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius = np.ones(40)
    for wave in range(2, 7):
        phase = rng.uniform(0, 2 * np.pi)
        radius += rough * rng.normal() / wave * np.cos(wave * angle + phase)
    return np.stack([a * radius * np.cos(angle), b * radius * np.sin(angle)], axis=1)


def box(width: float, height: float, round_by: float = 0.0) -> np.ndarray:
    """A rectangle around the origin, its corners rounded by a radius."""
    radius = min(max(round_by, 1e-3), width / 2, height / 2)
    x, y = width / 2 - radius, height / 2 - radius
    points = []
    for turn, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angle = np.linspace(0, np.pi / 2, 5) + turn * np.pi / 2
        arc = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        points.append(arc + (sx * x, sy * y))
    return np.concatenate(points)


def capsule(
    start: np.ndarray, stop: np.ndarray, r0: float, r1: float, points: int = 9
) -> np.ndarray:
    """A rod with round ends of radius r0 and r1."""
    along = np.asarray(stop, float) - start
    angle = np.arctan2(along[1], along[0])
    half = np.linspace(-np.pi / 2, np.pi / 2, points)
    front = np.stack([np.cos(angle + half), np.sin(angle + half)], axis=1)
    back = np.stack([np.cos(angle + np.pi + half), np.sin(angle + np.pi + half)], 1)
    return np.concatenate([stop + r1 * front, start + r0 * back])


def turned(points: np.ndarray, angle: float, at: ArrayLike) -> np.ndarray:
    """Points turned around the origin, by an angle in radians, and moved."""
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]]) + np.asarray(at)


def smoothed(points: np.ndarray, times: int = 2) -> np.ndarray:
    """A closed outline with its corners cut, the way Chaikin does it."""
    for _ in range(times):
        after = np.roll(points, -1, axis=0)
        pair = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], 1)
        points = pair.reshape(-1, 2)
    return points


def frame_of(outlines: Sequence[np.ndarray]) -> tuple[int, int, int, int]:
    """x0, y0, width and height of a frame around outlines, with a margin."""
    points = np.concatenate(outlines)
    x0, y0 = np.floor(points.min(axis=0)).astype(int) - _MARGIN
    x1, y1 = np.ceil(points.max(axis=0)).astype(int) + _MARGIN + 1
    return int(x0), int(y0), int(x1 - x0), int(y1 - y0)


def mask_of(
    outlines: Sequence[np.ndarray], frame: tuple[int, int, int, int]
) -> np.ndarray:
    """(h, w) float32 in [0, 1], what the outlines cover of a frame."""
    x0, y0, width, height = frame
    mask = np.zeros((height, width), np.uint8)
    for outline in outlines:
        points = ((outline - (x0, y0)) * 2**_SHIFT).round().astype(np.int32)
        cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, _SHIFT)
    return mask.astype(np.float32) / 255
