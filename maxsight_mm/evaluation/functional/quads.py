"""Overlap of rotated quads, and which found quad answers for which true one."""

import cv2
import numpy as np


def quad_iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of the convex hulls of two quads.

    Args:
        a: (4, 2) corners in any order of turning.
        b: (4, 2) corners.

    Returns:
        The overlap in [0, 1]; 0 where a quad has no area.
    """
    shared, own, true = _areas(a, b)
    return shared / (own + true - shared) if shared else 0.0


def inside_share(quads: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """How much of each quad lies in the one region that holds most of it.

    Args:
        quads: (N, 4, 2) quads.
        regions: (G, 4, 2) quads.

    Returns:
        (N,) float64 in [0, 1]; 0 for a quad without area.
    """
    shares = np.zeros((len(quads), len(regions) + 1))
    for row, quad in zip(shares, quads, strict=True):
        for column, region in enumerate(regions):
            shared, own, _ = _areas(quad, region)
            row[column] = shared / own if own else 0.0
    return shares.max(axis=1)


def match_quads(
    quads: np.ndarray, truth: np.ndarray, iou_thr: float = 0.5
) -> np.ndarray:
    """Pair quads one to one, the largest overlap first.

    Args:
        quads: (N, 4, 2) found quads.
        truth: (G, 4, 2) true quads.
        iou_thr: Least intersection over union of a pair.

    Returns:
        (G,) int64, the found quad of each true one, -1 for none.
    """
    found_by = np.full(len(truth), -1, dtype=np.int64)
    iou = np.array([[quad_iou(q, t) for t in truth] for q in quads])
    while iou.size and iou.max() >= iou_thr:
        own, true = np.unravel_index(iou.argmax(), iou.shape)
        found_by[true] = own
        iou[own, :] = iou[:, true] = -1
    return found_by


def f1_score(hits: int, found: int, truth: int) -> float:
    """Harmonic mean of precision and recall; nan without truths and findings."""
    return 2 * hits / (found + truth) if found + truth else float('nan')


def _areas(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float]:
    """Areas of what two quads share, of the first and of the second."""
    own, true = (cv2.convexHull(np.asarray(quad, np.float32)) for quad in (a, b))
    areas = cv2.contourArea(own), cv2.contourArea(true)
    if min(areas) <= 0:
        return 0.0, *areas
    return float(cv2.intersectConvexConvex(own, true)[0]), *areas
