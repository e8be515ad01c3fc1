"""Light of a scene: day, overcast, dusk, night or fog; sun, lamps, glare, noise.

A painted image holds colours; this turns it into a photograph. Light
on a surface depends on where the surface is, not on where it is seen from, so
that optical flow still connects equal colours. Fog and glare do not obey that.
Our design.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ..taxonomy.lighting import LIGHTINGS
from .camera import Camera

_LAMP_TINT = (0.5, 0.8, 1.0)  # BGR of sodium light
LIGHTING_SHARES = (0.38, 0.16, 0.16, 0.18, 0.12)


@dataclass(frozen=True)
class Light:
    """The light of a world.

    Attributes:
        name: One of ``LIGHTINGS``.
        ambient: (b, g, r) factors of every colour that does not glow.
        zenith: Sky colour overhead, BGR.
        horizon: Sky colour at the horizon, BGR; far things fade into it.
        fade_per_m: Rate at which they do.
        sun: (azimuth, elevation) in radians, azimuth from +Z to +X.
        sun_strength: 0-1, how much the sun dazzles when it is in the picture.
        shadow: 0-1, how dark shadows are.
    """

    name: str
    ambient: tuple[float, float, float]
    zenith: tuple[int, int, int]
    horizon: tuple[int, int, int]
    fade_per_m: float
    sun: tuple[float, float]
    sun_strength: float
    shadow: float

    @property
    def night(self) -> bool:
        """Whether lamps and windows are lit."""
        return self.name == 'night'


def sample_light(rng: np.random.Generator) -> Light:
    """Draws a light."""
    name = LIGHTINGS[int(rng.choice(len(LIGHTINGS), p=LIGHTING_SHARES))]
    level = rng.uniform(0.9, 1.12)
    low_sun = name == 'dusk' or (name == 'day' and rng.random() < 0.35)
    azimuth = rng.normal(0, 0.35) if low_sun else rng.uniform(-math.pi, math.pi)
    elevation = rng.uniform(0.06, 0.3) if low_sun else rng.uniform(0.6, 1.2)
    table = {
        'day': ((0.98, 1.0, 1.03), (215, 150, 90), (235, 220, 200), 0.003, 1.0, 0.45),
        'overcast': (
            (0.86, 0.84, 0.82),
            (190, 180, 172),
            (215, 212, 208),
            0.006,
            0,
            0.2,
        ),
        'dusk': ((0.6, 0.62, 0.78), (150, 90, 85), (110, 160, 235), 0.005, 0.9, 0.3),
        'night': ((0.26, 0.2, 0.17), (38, 20, 12), (62, 42, 32), 0.004, 0, 0.15),
        'fog': ((0.86, 0.85, 0.84), (200, 198, 195), (205, 204, 202), 0.0, 0, 0.1),
    }
    ambient, zenith, horizon, fade, dazzle, shadow = table[name]
    if name == 'fog':
        fade = rng.uniform(0.03, 0.09)
    return Light(
        name=name,
        ambient=(level * ambient[0], level * ambient[1], level * ambient[2]),
        zenith=zenith,
        horizon=horizon,
        fade_per_m=fade,
        sun=(azimuth, elevation),
        sun_strength=dazzle * rng.uniform(0.5, 1.0) * low_sun,
        shadow=shadow,
    )


def sky(light: Light, camera: Camera) -> np.ndarray:
    """(H, W, 3) uint8 picture of nothing but sky, zenith to horizon."""
    up = (camera.centre_px[1] - np.arange(camera.height)) / camera.focal_px
    pitch = math.asin(-camera.rotation[2, 1])
    share = np.clip((np.arctan(up) - pitch) / 0.6, 0, 1)[:, None] ** 0.7
    zenith, horizon = np.array(light.zenith), np.array(light.horizon)
    column = (horizon + share * (zenith - horizon)).astype(np.uint8)
    return cv2.repeat(column[:, None], 1, camera.width)


def expose(
    image: np.ndarray,
    glow: np.ndarray,
    inverse: np.ndarray,
    light: Light,
    camera: Camera,
    texture: np.ndarray,
    lamps: np.ndarray,
    points: tuple[np.ndarray, np.ndarray, np.ndarray],
    noise: np.ndarray,
) -> tuple[np.ndarray, float]:
    """Lights a painted image.

    Args:
        image: (H, W, 3) uint8 BGR.
        glow: (H, W) float32 share of the colour that needs no light.
        inverse: (H, W) float32 inverse depth.
        light: The light.
        camera: The camera.
        texture: (H, W) float32 factor of the surface's own brightness.
        lamps: (L, 4) float64 X, Y, Z and strength of street lamps.
        points: Three (H, W) float32 maps of world X, Y, Z.
        noise: (H, W) float32 sensor noise in grey levels.

    Returns:
        The picture (H, W, 3) uint8 BGR, and its glare in [0, 1].
    """
    through = np.float32(-light.fade_per_m) / np.maximum(inverse, np.float32(1e-4))
    np.exp(through, out=through)
    if light.name != 'fog':
        through[inverse == 0] = 1
    hidden = 1 - through
    own = texture * (1 - glow)
    own *= through
    through *= glow
    warm = own * _lamp_light(lamps, points) if light.night else None
    halo, glare = _glare(image, glow, inverse, light, camera)
    planes = []
    for c, plane in enumerate(cv2.split(image)):
        gain = own * np.float32(light.ambient[c])
        if warm is not None:
            gain += warm * np.float32(_LAMP_TINT[c])
        gain += through
        gain *= plane
        gain += hidden * np.float32(light.horizon[c])
        gain += noise
        if halo is not None:
            gain += halo[..., c]
        planes.append(cv2.convertScaleAbs(gain))
    return cv2.merge(planes), glare


def _lamp_light(
    lamps: np.ndarray, points: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """(H, W) float32 light of the lamps, looked up at half the resolution."""
    height, width = points[0].shape
    x, y, z = (axis[::2, ::2] for axis in points)
    total = np.zeros_like(x)
    for lamp_x, lamp_y, lamp_z, strength in lamps.tolist():
        squared = (x - lamp_x) ** 2
        squared += (z - lamp_z) ** 2
        squared += 0.35 * (y - lamp_y) ** 2
        squared *= 0.16
        squared += 1
        total += strength / squared
    np.minimum(total, 1.1, out=total)
    return cv2.resize(total, (width, height), interpolation=cv2.INTER_LINEAR)


def _glare(
    image: np.ndarray,
    glow: np.ndarray,
    inverse: np.ndarray,
    light: Light,
    camera: Camera,
) -> tuple[np.ndarray | None, float]:
    """Light that the sun or lamps scatter: (H, W, 3) float32 or None, and its share."""
    height, width = inverse.shape
    small = (width // 4, height // 4)
    if light.night:
        lit: np.ndarray = cv2.resize(
            glow * (inverse > 0), small, interpolation=cv2.INTER_AREA
        )
        dim: np.ndarray = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        bloom: np.ndarray = dim * lit[..., None]
        bloom = cv2.GaussianBlur(bloom, (0, 0), width / 80)
        glare = float(np.clip(4 * bloom.mean() / 255, 0, 1))
        return cv2.resize(0.6 * bloom, (width, height)), glare
    if light.sun_strength <= 0:
        return None, 0.0
    azimuth, elevation = light.sun
    direction = np.array(
        [
            math.sin(azimuth) * math.cos(elevation),
            math.sin(elevation),
            math.cos(azimuth) * math.cos(elevation),
        ]
    )
    x, y, z = camera.rotation @ direction
    if z < 0.2:
        return None, 0.0
    px = camera.focal_px * x / z + camera.centre_px[0]
    py = camera.focal_px * y / z + camera.centre_px[1]
    open_sky = _open_sky(inverse, px, py)
    strength = light.sun_strength * (0.15 + 0.85 * open_sky)
    row, column = np.mgrid[: small[1], : small[0]].astype(np.float32) * 4
    squared = ((column - px) ** 2 + (row - py) ** 2) / np.float32(width) ** 2
    halo = strength * (1.1 * np.exp(-squared / 0.003) + 0.55 * np.exp(-squared / 0.06))
    glare = float(np.clip(1.8 * halo.mean() + 0.25 * halo.max(), 0, 1))
    tint = (190, 225, 255) if light.name == 'dusk' else (235, 245, 255)
    halo = halo.astype(np.float32)[..., None] * np.array(tint, np.float32)
    return cv2.resize(halo, (width, height)), glare


def _open_sky(inverse: np.ndarray, x: float, y: float) -> float:
    """Share of the sky in a small window about a pixel; 1 just above the image."""
    height, width = inverse.shape
    reach = max(width // 40, 2)
    if not (-width / 2 < x < 1.5 * width and -height < y < height):
        return 0.0
    column, row = int(np.clip(x, 0, width - 1)), int(np.clip(y, 0, height - 1))
    window = inverse[
        max(row - reach, 0) : row + reach + 1,
        max(column - reach, 0) : column + reach + 1,
    ]
    return float((window == 0).mean())
