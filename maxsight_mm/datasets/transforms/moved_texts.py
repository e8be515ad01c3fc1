"""Moves the corners of written words along with the image."""

import numpy as np


def moved_texts(texts: list[dict], results: dict) -> list[dict]:
    """The words that are still in view, with their corners where they are now.

    Transforms record what they do to the image as a ``homography_matrix``; what
    was done before the labels were loaded does not concern them.

    Args:
        texts: ``{text, quad}`` each, the quad four (x, y) corners in pixels.
        results: Pipeline results.
    """
    now = results.get('homography_matrix')
    if now is None:
        return texts
    before = results.get('homography_at_load')
    move = now if before is None else now @ np.linalg.inv(before)
    height, width = results['img_shape'][:2]
    moved = []
    for text in texts:
        quad = np.c_[np.array(text['quad'], dtype=np.float64), np.ones(4)] @ move.T
        quad = quad[:, :2] / quad[:, 2:]
        x, y = quad.mean(0)
        if 0 <= x < width and 0 <= y < height:
            moved.append({**text, 'quad': quad.tolist()})
    return moved
