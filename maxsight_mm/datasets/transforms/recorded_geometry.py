"""What the pipeline did to the picture, to do the same to maps and other frames.

MMDetection's transforms, and ours, record it as ``homography_matrix``, from pixels
of the file to pixels of the picture as it is now, in coordinates where a pixel
reaches from its index to the next. Maps and clips are read once at the end and
brought there in one step, so that nothing has to follow each transform.
"""

import numpy as np


def affine_of(results: dict) -> np.ndarray:
    """(2, 3) float64: point (x, y, 1) of the file to its point in ``img``.

    Raises:
        ValueError: If a transform changed the perspective.
    """
    matrix = results.get('homography_matrix')
    if matrix is None:
        return np.eye(3)[:2]
    matrix = np.asarray(matrix, np.float64) / matrix[2][2]
    if not np.allclose(matrix[2, :2], 0, atol=1e-9):
        raise ValueError(
            f'{results.get("img_path", "image")}: maps and clips cannot follow a '
            'change of perspective'
        )
    return matrix[:2]


def source_pixels(
    affine: np.ndarray, shape: tuple[int, int], source_shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which pixel of the file lies under the centre of each pixel of the picture.

    Args:
        affine: (2, 3) from the file to the picture.
        shape: Height and width of the picture.
        source_shape: Height and width of the file.

    Returns:
        Rows and columns int64 (H, W), kept inside the file, and bool (H, W): whether
        the pixel shows a part of the file at all.
    """
    height, width = shape
    back = np.linalg.inv(affine[:, :2])
    shift = back @ affine[:, 2]
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    # A hair, so that a centre on the border of two pixels falls one way.
    columns = np.floor(back[0, 0] * x + back[0, 1] * y - shift[0] + 1e-6)
    rows = np.floor(back[1, 0] * x + back[1, 1] * y - shift[1] + 1e-6)
    inside = (rows >= 0) & (rows < source_shape[0])
    inside &= (columns >= 0) & (columns < source_shape[1])
    rows = np.clip(rows, 0, source_shape[0] - 1).astype(np.int64)
    columns = np.clip(columns, 0, source_shape[1] - 1).astype(np.int64)
    return rows, columns, inside


def remember_geometry(results: dict) -> None:
    """Notes that maps or frames are aligned with ``img`` as it is now, in place."""
    results['aligned_geometry'] = (affine_of(results), results['img'].shape[:2])


def check_geometry(results: dict) -> None:
    """Refuses results whose picture was moved after maps or frames were loaded.

    Raises:
        ValueError: If it was.
    """
    if 'aligned_geometry' not in results:
        return
    affine, shape = results['aligned_geometry']
    if shape != results['img'].shape[:2] or not np.allclose(affine, affine_of(results)):
        raise ValueError(
            f'{results.get("img_path", "image")}: the image was moved after its maps '
            'or clip were loaded; put LoadTaskMaps and LoadClip after all transforms '
            'that flip, resize or crop'
        )
