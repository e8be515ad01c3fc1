"""Moves the corners of written words along with the image."""

import numpy as np

# How far a corner may be cut off before the word counts as cut.
_CUT_PX = 2.0


def moved_texts(texts: list[dict], results: dict) -> list[dict]:
    """The words that are still in view, with their corners where they are now.

    Transforms record what they do to the image as a ``homography_matrix``; what
    was done before the labels were loaded does not concern them. A word that the
    image's new border cuts can no longer be read: its text becomes empty.

    Args:
        texts: ``{text, quad}`` each, the quad four (x, y) corners in pixels.
        results: Pipeline results.
    """
    move = text_move(results)
    if move is None:
        return texts
    height, width = results['img_shape'][:2]
    moved = []
    for text in texts:
        old = np.array(text['quad'], dtype=np.float64)
        quad = np.c_[old, np.ones(4)] @ move.T
        quad = quad[:, :2] / quad[:, 2:]
        x, y = quad.mean(0)
        if not (0 <= x < width and 0 <= y < height):
            continue
        now_cut = _is_cut(quad, height, width)
        if now_cut and not _is_cut(old, *results['ori_shape'][:2]):
            text = {**text, 'text': ''}
        moved.append({**text, 'quad': quad.tolist()})
    return moved


def text_move(results: dict) -> np.ndarray | None:
    """(3, 3) from the stored corners to pixels of ``img``; None if they are alike."""
    now = results.get('homography_matrix')
    if now is None:
        return None
    before = results.get('homography_at_load')
    return now if before is None else now @ np.linalg.inv(before)


def _is_cut(quad: np.ndarray, height: int, width: int) -> bool:
    """Whether a corner lies outside the image."""
    far = (width + _CUT_PX, height + _CUT_PX)
    return bool(((quad < -_CUT_PX) | (quad > far)).any())
