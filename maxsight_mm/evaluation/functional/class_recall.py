"""Recall of a class at equal precision: how trainings are compared fairly.

A loss that weighs a class more moves all its scores up; at a fixed score threshold it
then finds more and raises more false alarms, and looks better whatever it has learnt.
At equal precision that gain is gone: what is left is a better order of the scores.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .detection import PrecisionRecallCurve


def recall_at_precision(curve: PrecisionRecallCurve, precision: float) -> float:
    """The largest recall that a threshold reaches with at least this precision.

    Args:
        curve: Of one class over a data set.
        precision: In (0, 1].

    Returns:
        In [0, 1]; 0 where no threshold is as precise, nan without objects.

    Raises:
        ValueError: If ``precision`` is not in (0, 1].
    """
    if not 0 < precision <= 1:
        raise ValueError(f'precision must be above 0 and at most 1, got {precision}')
    if not curve.num_objects:
        return float('nan')
    # Equal scores pass a threshold together: only the last of them is reachable.
    last = np.append(curve.scores[:-1] != curve.scores[1:], True)[: len(curve.scores)]
    # A precision of 9 in 10 is enough for 0.9.
    enough = last & (curve.precision >= precision - 1e-12)
    return float(curve.recall[enough].max(initial=0.0))


class RecallSpread(NamedTuple):
    """Recall over seeds, each (P,) float64 for P precisions."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def recall_over_seeds(
    curves: Sequence[PrecisionRecallCurve], precisions: Sequence[float]
) -> RecallSpread:
    """Mean and range of the recall over the runs of one setting.

    Args:
        curves: One a seed.
        precisions: P numbers in (0, 1].

    Raises:
        ValueError: If there is no curve, or a precision is not in (0, 1].
    """
    if not curves:
        raise ValueError('recall over seeds needs at least one run')
    recall = np.array(
        [[recall_at_precision(curve, p) for p in precisions] for curve in curves]
    )
    return RecallSpread(recall.mean(axis=0), recall.min(axis=0), recall.max(axis=0))
