"""Loss of sharpness: everywhere, along one axis, or only far away or near by.

What is far and what is near is guessed from the row: on level ground what stands
lower in the picture is nearer (heuristic; a picture has no depth of its own).
"""

import cv2
import numpy as np

# Standard deviation at severity 1 as a share of the image's width.
_STRONGEST = 0.025


def gaussian_blur(image: np.ndarray, severity: float) -> np.ndarray:
    """Defocus everywhere."""
    sigma = severity * _STRONGEST * image.shape[1]
    if sigma < 0.05:
        return image
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)


def directional_blur(
    image: np.ndarray, severity: float, angle_deg: float
) -> np.ndarray:
    """Smears along one axis, as a cylindrical lens does; 0 is horizontal."""
    length = severity * 2.6 * _STRONGEST * image.shape[1]
    if length < 0.1:
        return image
    size = 2 * int(np.ceil(length)) + 1
    offset = np.arange(size) - size // 2
    x, y = np.meshgrid(offset, offset)
    angle = np.radians(angle_deg)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = -x * np.sin(angle) + y * np.cos(angle)
    kernel = np.exp(-((along / length) ** 2) - (across / 0.45) ** 2)
    return cv2.filter2D(
        image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101
    )


def far_blur(image: np.ndarray, severity: float) -> np.ndarray:
    """Sharp at the feet, blurred from the middle of the picture up."""
    return _graded_blur(image, severity, sharp_row=1.0, blurred_row=0.55)


def near_blur(
    image: np.ndarray, severity: float, first_row: float = 0.55
) -> np.ndarray:
    """Sharp above ``first_row`` (share of the height), blurred at the feet."""
    return _graded_blur(image, severity, sharp_row=first_row, blurred_row=0.9)


def _graded_blur(
    image: np.ndarray, severity: float, sharp_row: float, blurred_row: float
) -> np.ndarray:
    if severity == 0:
        return image
    height = image.shape[0]
    row = (np.arange(height, dtype=np.float32) + 0.5) / height
    share = np.clip((row - sharp_row) / (blurred_row - sharp_row), 0, 1)
    # Between three strengths, so that no double image shows where two are mixed.
    steps = [image, gaussian_blur(image, severity / 2), gaussian_blur(image, severity)]
    position = share[:, None, None] * 2
    mixed = sum(
        np.clip(1 - np.abs(position - index), 0, 1) * step.astype(np.float32)
        for index, step in enumerate(steps)
    )
    return cv2.convertScaleAbs(mixed)
