"""Lays pictures out on one sheet."""

from collections.abc import Sequence

import cv2
import numpy as np

_GAP_PX = 6
_PAPER = 245


def contact_sheet(
    images: Sequence[np.ndarray], columns: int = 3, cell_px: int = 640
) -> np.ndarray:
    """Rows of pictures, each shrunk to fit a cell whose height suits the row.

    Args:
        images: uint8 BGR (H, W, 3) each, of any sizes.
        columns: Pictures a row.
        cell_px: Width and largest height of a cell.

    Returns:
        uint8 BGR (H, W, 3).

    Raises:
        ValueError: If there is no image.
    """
    if not images:
        raise ValueError('a contact sheet needs at least one image')
    columns = min(columns, len(images))
    fitted = [_fit(image, cell_px) for image in images]
    rows = []
    for start in range(0, len(fitted), columns):
        cells = fitted[start : start + columns]
        height = max(cell.shape[0] for cell in cells)
        row = np.full(
            (height + _GAP_PX, columns * (cell_px + _GAP_PX) + _GAP_PX, 3),
            _PAPER,
            np.uint8,
        )
        for column, cell in enumerate(cells):
            free = cell_px - cell.shape[1]
            left = _GAP_PX + column * (cell_px + _GAP_PX) + free // 2
            row[_GAP_PX : _GAP_PX + cell.shape[0], left : left + cell.shape[1]] = cell
        rows.append(row)
    bottom = np.full((_GAP_PX, rows[0].shape[1], 3), _PAPER, np.uint8)
    return np.concatenate([*rows, bottom])


def _fit(image: np.ndarray, cell_px: int) -> np.ndarray:
    scale = cell_px / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (
        max(1, round(image.shape[1] * scale)),
        max(1, round(image.shape[0] * scale)),
    )
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
