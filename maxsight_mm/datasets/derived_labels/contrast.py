"""How well things stand out from each other, read from the picture itself.

RMS contrast: the standard deviation of the luminance over half its range, which is 1
for as much black as white. It is measured on the picture that the network sees, after
all changes of light.
"""

import cv2
import numpy as np

from .registry import derives

CELL_PX = 8
WINDOW_PX = 16


@derives('contrast_map')
def contrast_map(results: dict) -> np.ndarray:
    """(1, H // 8, W // 8) float32 in [0, 1], contrast about each cell of 8 px.

    The window is 16 px wide, twice the cell, so that no edge falls between two.
    """
    grey = luminance(results['img'])
    rows, columns = (side // CELL_PX for side in grey.shape)
    grey = grey[: rows * CELL_PX, : columns * CELL_PX]
    window = (WINDOW_PX, WINDOW_PX)
    mean = cv2.blur(grey, window, borderType=cv2.BORDER_REFLECT)
    square = cv2.blur(grey * grey, window, borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(np.maximum(square - mean * mean, 0))
    # An even window's centre lies on a pixel's corner: that of the cell's middle.
    middle = CELL_PX // 2
    return np.minimum(spread[middle::CELL_PX, middle::CELL_PX] * 2, 1)[None]


@derives('scene_contrast')
def scene_contrast(results: dict) -> np.ndarray:
    """(1,) float32 in [0, 1], contrast of the whole picture."""
    return np.array([rms_contrast(luminance(results['img']))], np.float32)


def rms_contrast(grey: np.ndarray) -> float:
    """Contrast in [0, 1] of a (H, W) luminance in [0, 1]."""
    return min(2 * float(grey.std()), 1.0)


def luminance(image: np.ndarray) -> np.ndarray:
    """(H, W) float32 in [0, 1] of a (H, W, 3) BGR picture.

    The picture is uint8, or float32 from 0 to 255: a change of colour that goes beyond
    these goes beyond [0, 1] here.
    """
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255
