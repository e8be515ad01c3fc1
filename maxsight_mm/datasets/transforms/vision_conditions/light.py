"""Glare and contrast: light that scatters in the eye, or light that is missing."""

import cv2
import numpy as np

from .blur import gaussian_blur


def glare(image: np.ndarray, severity: float) -> np.ndarray:
    """Halos around what is bright, and a veil over all (disability glare)."""
    if severity == 0:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
    bright = np.clip((grey - 0.6) / 0.4, 0, 1)[..., None]
    source = (image * bright).astype(np.float32)
    halo = cv2.GaussianBlur(source, (0, 0), 0.06 * image.shape[1])
    veil = float(grey.mean()) * 70
    return cv2.convertScaleAbs(image + severity * (0.9 * halo + veil))


def lower_contrast(image: np.ndarray, severity: float) -> np.ndarray:
    """Towards the mean grey; at severity 1 a fifth of the contrast is left."""
    if severity == 0:
        return image
    mean = float(image.mean())
    kept = 1 - 0.8 * severity
    return cv2.convertScaleAbs(
        image * np.float32(kept) + np.float32(mean * 0.8 * severity)
    )


def dim(image: np.ndarray, severity: float) -> np.ndarray:
    """Night blindness: dark parts sink into black first."""
    if severity == 0:
        return image
    levels = np.arange(256, dtype=np.float32) / 255
    table = levels ** (1 + 1.2 * severity) * (1 - 0.45 * severity)
    return cv2.LUT(image, np.round(table * 255).astype(np.uint8))


def fluctuate(
    image: np.ndarray, severity: float, rng: np.random.Generator
) -> np.ndarray:
    """Islands that are seen clearly among large ones that are not."""
    if severity == 0:
        return image
    coarse = rng.normal(0, 1, (4, 5)).astype(np.float32)
    height, width = image.shape[:2]
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    share = (np.clip(field + 0.5, 0, 1) * severity)[..., None]
    unclear = lower_contrast(gaussian_blur(image, 0.8), 0.7).astype(np.float32)
    return cv2.convertScaleAbs(image * (1 - share) + unclear * share)
