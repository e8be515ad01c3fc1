"""Worktops: brushed steel, wood, tiles, stone."""

import cv2
import numpy as np

from ..noise_fields import smooth_noise

_WOODS = ((0.66, 0.47, 0.30), (0.52, 0.34, 0.20), (0.78, 0.62, 0.44))
_TILES = (
    (0.86, 0.86, 0.83),
    (0.70, 0.76, 0.78),
    (0.80, 0.74, 0.64),
    (0.36, 0.42, 0.46),
)
_STONES = ((0.24, 0.24, 0.26), (0.80, 0.79, 0.77), (0.48, 0.46, 0.44))


def make_worktop(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) float32 RGB in [0, 1]."""
    kind = rng.choice(['steel', 'wood', 'tiles', 'stone'], p=[0.4, 0.25, 0.2, 0.15])
    surface = {'steel': _steel, 'wood': _wood, 'tiles': _tiles, 'stone': _stone}[kind]
    turned = rng.random() < 0.35
    image = surface(rng, size[::-1] if turned else size)
    if turned:
        image = image.transpose(1, 0, 2)
    image *= 1 + 0.07 * smooth_noise(rng, size, 0.6 * min(size))[..., None]
    return np.ascontiguousarray(np.clip(image, 0.02, 1), np.float32)


def _steel(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    brushed = smooth_noise(rng, size, (1.2, size[1] / 2.5))
    # Blurred reflections of lamps and shelves.
    shine = smooth_noise(rng, size, (size[0] / 4, size[1] / 1.5))
    grey = rng.uniform(0.52, 0.72) + 0.025 * brushed + 0.06 * shine
    tint = np.array([0.985, 1.0, 1.02], np.float32)
    return grey[..., None] * tint


def _wood(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    colour = np.array(_WOODS[rng.integers(len(_WOODS))], np.float32)
    colour *= rng.uniform(0.85, 1.1)
    planks = int(rng.integers(3, 7))
    bend = smooth_noise(rng, size, (height / planks / 2, width / 2))
    rows = np.arange(height, dtype=np.float32)[:, None]
    grain = np.sin(rows / height * planks * 9 + 2.2 * bend)
    fine = smooth_noise(rng, size, (1.3, width / 5))
    tone = 1 + 0.06 * grain + 0.045 * fine
    plank = (np.arange(height) * planks // height)[:, None]
    tone = tone * (1 + 0.07 * rng.standard_normal(planks))[plank]
    seams = np.diff(plank, axis=0, prepend=plank[:1]) != 0
    tone = np.where(seams, 0.6 * tone, tone)
    return colour * tone[..., None]


def _tiles(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    colour = np.array(_TILES[rng.integers(len(_TILES))], np.float32)
    side = int(rng.uniform(0.16, 0.34) * min(size))
    offset = rng.integers(0, side, 2)
    rows, columns = np.arange(height) + offset[0], np.arange(width) + offset[1]
    many = (rows[-1] // side + 1, columns[-1] // side + 1)
    shades = 1 + 0.05 * rng.standard_normal(many)
    tone = shades[rows // side][:, columns // side]
    # Glaze is brighter towards one edge of each tile.
    tone = tone + 0.05 * ((rows % side) / side - 0.5)[:, None]
    line = max(2, side // 18)
    joint = (rows % side < line)[:, None] | (columns % side < line)[None]
    soft = cv2.GaussianBlur(joint.astype(np.float32), (0, 0), 0.6)[..., None]
    grout = np.float32(rng.uniform(0.35, 0.75))
    image = colour * tone[..., None]
    return image + soft * (grout - image)


def _stone(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    colour = np.array(_STONES[rng.integers(len(_STONES))], np.float32)
    specks = 0.06 * smooth_noise(rng, size, 1.4) + 0.05 * smooth_noise(rng, size, 5)
    return colour * (1 + specks)[..., None]
