"""What comes between the worktop and the picture: steam, blur, light, noise."""

import cv2
import numpy as np

from ..noise_fields import smooth_noise


def steam(rng: np.random.Generator, image: np.ndarray, density: float) -> np.ndarray:
    """Plumes of steam over an (H, W, 3) float32 picture.

    Args:
        rng: Source of randomness.
        image: RGB in [0, 1].
        density: Share of the light that the thickest plume takes, in [0, 1].
    """
    size = image.shape[:2]
    cell = rng.uniform(0.18, 0.4) * min(size)
    field = smooth_noise(rng, size, cell) + 0.35 * smooth_noise(rng, size, cell / 4)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    centre = (rng.uniform(0.15, 0.85, 2) * size).tolist()
    radius = rng.uniform(0.35, 0.7) * min(size)
    near = np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / radius**2)
    cover = np.clip(0.62 + 0.30 * field, 0, 1) * near * density
    return image + cover[..., None] * (np.float32(rng.uniform(0.80, 0.96)) - image)


def blur(rng: np.random.Generator, image: np.ndarray, width: float) -> np.ndarray:
    """Out of focus, or moved while the shutter was open.

    Args:
        rng: Source of randomness.
        image: (H, W, 3) float32.
        width: Standard deviation in pixels; a movement is four times as long.
    """
    if rng.random() < 0.5:
        return cv2.GaussianBlur(image, (0, 0), width)
    side = 2 * int(np.ceil(2 * width)) + 1
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2] = 1
    middle = (side / 2 - 0.5, side / 2 - 0.5)
    turn = cv2.getRotationMatrix2D(middle, rng.uniform(0, 180), 1)
    line = cv2.warpAffine(kernel, turn, (side, side))
    return cv2.filter2D(image, -1, line / line.sum())


def expose(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """(H, W, 3) float RGB -> uint8 BGR under a lamp of its own colour and strength."""
    height, width = image.shape[:2]
    warmth, green = rng.normal(0, 0.05), rng.normal(0, 0.02)
    tint = np.array([1 + warmth, 1 + green, 1 - warmth]) * rng.uniform(0.75, 1.15)
    # The lamp stands at one side.
    slope = rng.uniform(-0.22, 0.22, 2).tolist()
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    falloff = 1 + slope[0] * y + slope[1] * x
    image = image * tint.astype(np.float32) * falloff[..., None]
    contrast = rng.uniform(0.8, 1.15)
    image = contrast * image + (1 - contrast) * image.mean()
    noise = rng.standard_normal(image.shape[:2], dtype=np.float32)[..., None]
    image = image + rng.uniform(0.004, 0.018) * noise
    return np.clip(image[..., ::-1] * 255, 0, 255).astype(np.uint8)
