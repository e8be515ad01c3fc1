"""Confusion matrix of a scale or of classes, and the figures read from it.

A figure that has no cases is nan, as scikit-learn gives with ``zero_division=nan``:
the precision of a class that is never answered, the recall of one that never occurs,
the F1 of one that does neither. A mean over classes leaves nan out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class ClassScores(NamedTuple):
    """Figures of each class, all (L,) float64 in [0, 1], nan where undefined."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


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


def class_scores(confusion: np.ndarray) -> ClassScores:
    """Precision, recall and F1 of each class.

    Args:
        confusion: (L, L) int, from ``confusion_matrix``.
    """
    hits = np.diagonal(confusion)
    answered, occurs = confusion.sum(axis=0), confusion.sum(axis=1)
    return ClassScores(
        _ratios(hits, answered),
        _ratios(hits, occurs),
        _ratios(2 * hits, answered + occurs),
    )


def macro_mean(figures: np.ndarray) -> float:
    """Mean over the classes for which the figure is defined; nan if for none."""
    defined = figures[~np.isnan(figures)]
    return float(defined.mean()) if defined.size else float('nan')


def _ratios(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    nothing = np.full(part.shape, np.nan)
    return np.divide(part, whole, out=nothing, where=whole > 0)


def _ratio(part: np.integer, whole: np.integer) -> float:
    return float(part / whole) if whole else float('nan')
