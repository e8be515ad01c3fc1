"""Machined parts without defects: outline, relief, colour."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..noise_fields import smooth_noise

_KINDS = ('plate', 'shaft', 'insert', 'disc')


@dataclass
class PartBody:
    """A part at rest.

    Attributes:
        mask: (H, W) float32 in [0, 1], where the part is.
        relief: (H, W) float32, height in pixels.
        albedo: (H, W, 3) float32 RGB in [0, 1].
    """

    mask: np.ndarray
    relief: np.ndarray
    albedo: np.ndarray


def make_body(rng: np.random.Generator, size: tuple[int, int]) -> PartBody:
    """A plate, shaft, insert or disc that fills most of a picture of (H, W)."""
    kind = _KINDS[rng.integers(len(_KINDS))]
    mask = _outline(rng, kind, size)
    relief = 0.35 * _tool_marks(rng, kind, size)
    if kind == 'shaft':
        # A cylinder along the longer side.
        across = np.linspace(-1, 1, size[0], dtype=np.float32)[:, None]
        relief = relief + 0.16 * size[0] * np.sqrt(np.clip(1.05 - across**2, 0, 1))
    edge = np.clip(cv2.distanceTransform((mask > 0.5).astype(np.uint8), 2, 3) / 4, 0, 1)
    relief = (relief + 1.5 * edge).astype(np.float32)
    steel = np.array([0.50, 0.51, 0.53]) * rng.uniform(0.75, 1.2)
    brass = np.array([0.60, 0.53, 0.36]) * rng.uniform(0.85, 1.05)
    metal = brass if rng.random() < 0.15 else steel
    cloudy = 1 + 0.05 * smooth_noise(rng, size, 30)
    albedo = (metal * cloudy[..., None]).astype(np.float32)
    _stain(rng, albedo, relief, size)
    return PartBody(mask, relief, np.clip(albedo, 0.02, 1))


def _outline(rng: np.random.Generator, kind: str, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    mask = np.zeros(size, np.float32)
    margin = rng.uniform(0.02, 0.10, 4)
    x0, x1 = int(margin[0] * width), int((1 - margin[1]) * width)
    y0, y1 = int(margin[2] * height), int((1 - margin[3]) * height)
    if kind == 'disc':
        radius = int(0.5 * min(size) * rng.uniform(0.90, 1.0))
        cv2.circle(mask, (width // 2, height // 2), radius, 1.0, -1, cv2.LINE_AA)
    elif kind == 'insert':
        cut = rng.uniform(0.10, 0.22, 4) * min(size)
        corners = [
            (x0 + cut[0], y0),
            (x1, y0 + cut[1]),
            (x1 - cut[2], y1),
            (x0, y1 - cut[3]),
        ]
        cv2.fillConvexPoly(mask, np.array(corners, np.int32), 1.0, cv2.LINE_AA)
    elif kind == 'shaft':
        cv2.rectangle(mask, (0, y0), (width, y1), 1.0, -1)
    else:
        cv2.rectangle(mask, (x0, y0), (x1, y1), 1.0, -1)
        hole = (int(rng.uniform(x0, x1)), int(rng.uniform(y0, y1)))
        cv2.circle(mask, hole, int(0.06 * min(size)), 0.0, -1, cv2.LINE_AA)
    return mask


def _tool_marks(
    rng: np.random.Generator, kind: str, size: tuple[int, int]
) -> np.ndarray:
    """(H, W) fine grooves: brushed along the part, or turned around its middle."""
    height, width = size
    if kind == 'disc':
        y, x = np.mgrid[:height, :width].astype(np.float32)
        radius = np.hypot(y - height / 2, x - width / 2)
        profile = rng.standard_normal(int(radius.max()) + 2).astype(np.float32)
        return np.interp(radius, np.arange(len(profile)), profile).astype(np.float32)
    cell = (1.5, width / 3)
    if kind == 'insert':
        return smooth_noise(rng, (width, height), cell).T
    return smooth_noise(rng, size, cell)


def _stain(
    rng: np.random.Generator, albedo: np.ndarray, relief: np.ndarray, size
) -> None:
    """What looks like a defect and is none: oil, heat tint, tool marks, burrs."""
    for kind in rng.choice(['oil', 'tint', 'mark', 'burr', 'none'], 3):
        if kind in ('oil', 'tint'):
            spot = _spot(rng, size)[..., None]
            oil = np.array([0.72, 0.68, 0.62])
            tint = np.array([1.05, 0.86, 0.62])
            albedo *= 1 - spot * (1 - (oil if kind == 'oil' else tint))
        elif kind != 'none':
            start = rng.uniform(0, 1, 2) * size[::-1]
            angle = rng.uniform(0, np.pi)
            length = rng.uniform(0.15, 0.5) * min(size)
            stop = start + length * np.array([np.cos(angle), np.sin(angle)])
            line = np.zeros(size, np.float32)
            ends = start.astype(int).tolist(), stop.astype(int).tolist()
            cv2.line(line, *ends, 1.0, 1, cv2.LINE_AA)
            relief += line * (0.5 if kind == 'burr' else -0.4)


def _spot(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """(H, W) in [0, 1], a soft ellipse."""
    height, width = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    centre = rng.uniform(0.1, 0.9, 2) * size
    radius = rng.uniform(0.05, 0.16, 2) * min(size)
    distance = np.hypot((y - centre[0]) / radius[0], (x - centre[1]) / radius[1])
    return np.clip(1.4 - distance, 0, 1) * rng.uniform(0.5, 1)
