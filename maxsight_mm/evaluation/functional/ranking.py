"""Average precision of yes-or-no answers: non-interpolated, ties in one step."""

import numpy as np


def average_precision(scores: np.ndarray, positive: np.ndarray) -> float:
    """Mean precision at the scores of the positives.

    Equal scores enter together, so that their order does not matter.

    Args:
        scores: (N,) float.
        positive: (N,) bool.

    Returns:
        The average in [0, 1]; nan without a positive.
    """
    positive = np.asarray(positive, dtype=bool)
    if not positive.any():
        return float('nan')
    _, group = np.unique(-np.asarray(scores, np.float64), return_inverse=True)
    hits = np.bincount(group, positive)
    precision = np.cumsum(hits) / np.cumsum(np.bincount(group))
    return float((hits * precision).sum() / hits.sum())


def prevalence(positive: np.ndarray) -> float:
    """Share of positives, the average precision of equal scores; nan without one."""
    positive = np.asarray(positive, dtype=bool)
    return float(positive.mean()) if positive.any() else float('nan')
