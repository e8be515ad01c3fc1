"""Confusion matrix of an ordered scale and the accuracies read from it."""

import numpy as np
from numpy.typing import ArrayLike


def confusion_matrix(
    truth: ArrayLike, answers: ArrayLike, num_levels: int
) -> np.ndarray:
    """Count answers by true level.

    Args:
        truth: (N,) int in [0, num_levels).
        answers: (N,) int in [0, num_levels).
        num_levels: Number of levels L.

    Returns:
        (L, L) int64; the row is the true level, the column the answer.

    Raises:
        ValueError: If the lengths differ or a level is out of range.
    """
    truth, answers = np.asarray(truth), np.asarray(answers)
    if truth.shape != answers.shape:
        raise ValueError(f'{len(truth)} true levels but {len(answers)} answers')
    for name, levels in (('truth', truth), ('answers', answers)):
        if levels.size and not 0 <= levels.min() <= levels.max() < num_levels:
            raise ValueError(
                f'{name} must lie in [0, {num_levels}), got '
                f'{levels.min()} to {levels.max()}'
            )
    cells = truth.astype(np.int64) * num_levels + answers.astype(np.int64)
    counts = np.bincount(cells, minlength=num_levels**2)
    return counts.reshape(num_levels, num_levels)


def accuracy(confusion: np.ndarray) -> float:
    """Share of right answers; nan without answers."""
    return _ratio(np.trace(confusion), confusion.sum())


def balanced_accuracy(confusion: np.ndarray) -> float:
    """Mean recall over the levels that occur; nan without answers."""
    total = confusion.sum(axis=1)
    occurs = total > 0
    if not occurs.any():
        return float('nan')
    return float((np.diagonal(confusion)[occurs] / total[occurs]).mean())


def majority_accuracy(confusion: np.ndarray) -> float:
    """Accuracy of always answering the most common true level; nan without any."""
    return _ratio(confusion.sum(axis=1).max(), confusion.sum())


def _ratio(part: np.integer, whole: np.integer) -> float:
    return float(part / whole) if whole else float('nan')
