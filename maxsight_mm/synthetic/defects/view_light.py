"""What differs between the views of a part: light and pose."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class ViewLight:
    """One lamp and one camera setting.

    Attributes:
        azimuth: Direction that the light comes from, in radians.
        slant: 0 for light from above, 1 for light along the surface.
        brightness: Factor on all.
        contrast: Factor on the distance from the mean.
        warmth: Red gains and blue loses this share.
        spot: Where the lamp's reflection lies, as shares of height and width.
        gloss: Its strength.
    """

    azimuth: float
    slant: float
    brightness: float
    contrast: float
    warmth: float
    spot: tuple[float, float]
    gloss: float


def draw_light(rng: np.random.Generator) -> ViewLight:
    spot = rng.uniform(0, 1, 2)
    return ViewLight(
        azimuth=float(rng.uniform(0, 2 * np.pi)),
        slant=float(rng.uniform(0.35, 1.0)),
        brightness=float(rng.uniform(0.70, 1.25)),
        contrast=float(rng.uniform(0.75, 1.25)),
        warmth=float(rng.uniform(-0.10, 0.12)),
        spot=(float(spot[0]), float(spot[1])),
        gloss=float(rng.uniform(0.0, 0.35)),
    )


def draw_pose(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """(2, 3) affine matrix from part pixels (x, y) to view pixels, near identity."""
    height, width = size
    turn = cv2.getRotationMatrix2D(
        (width / 2, height / 2), rng.uniform(-4, 4), rng.uniform(0.95, 1.05)
    )
    shift = rng.uniform(-0.03, 0.03, 2) * min(size)
    return np.column_stack([turn[:, :2], turn[:, 2] + shift])


def shade(relief: np.ndarray, light: ViewLight) -> np.ndarray:
    """(H, W) float32 brightness of a relief in pixels, about 1 where it is flat."""
    across = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    down = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    slope = across * np.cos(light.azimuth) + down * np.sin(light.azimuth)
    return np.clip(1 - light.slant * slope, 0.25, 1.9)


def gloss(size: tuple[int, int], light: ViewLight) -> np.ndarray:
    """(H, W) float32, the lamp's soft reflection."""
    height, width = size
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None] - light.spot[0]
    x = np.linspace(0, 1, width, dtype=np.float32)[None] - light.spot[1]
    return light.gloss * np.exp(-(y**2 + x**2) / 0.06)


def expose(rng: np.random.Generator, image: np.ndarray, light: ViewLight) -> np.ndarray:
    """(H, W, 3) float RGB -> uint8, as the camera sees it, noise included."""
    tint = light.brightness * np.array([1 + light.warmth, 1, 1 - light.warmth])
    image = image * tint.astype(np.float32)
    mean = image.mean()
    image = mean + light.contrast * (image - mean)
    noise = rng.standard_normal(image.shape[:2], dtype=np.float32)[..., None]
    return np.clip((image + 0.012 * noise) * 255, 0, 255).astype(np.uint8)
