"""How much a human is asked: bounds chosen beforehand, and a limit while it runs."""

from collections import deque

import numpy as np
from numpy.typing import ArrayLike

from maxsight_mm.evaluation.functional.decisions import Costs


def review_band(
    scores: ArrayLike,
    is_unsafe: ArrayLike,
    costs: Costs,
    max_share: float,
    review_cost: float = 0.0,
) -> tuple[float, float]:
    """Bounds of review with the least cost, if the human is right.

    Below ``low`` is let through, from ``high`` on is held back, between them a human
    looks: at no more than ``max_share`` of these pictures. Of bounds that cost the same
    the lowest ``low`` is taken, then the lowest ``high``: they miss least.

    Args:
        scores: (N,) float in [0, 1], unsafe scores of held-out pictures.
        is_unsafe: (N,) bool, the truth.
        costs: Of a miss and of a false alarm.
        max_share: Share of pictures for review, in [0, 1].
        review_cost: Of one look, in the same currency.

    Returns:
        ``low`` and ``high``, in [0, 1].

    Raises:
        ValueError: If a score is no number in [0, 1], the lengths differ, there is
            nothing safe or nothing unsafe, or the share is not in [0, 1].
    """
    score = np.asarray(scores, dtype=np.float64)
    truth = np.asarray(is_unsafe, dtype=bool)
    if score.shape != truth.shape or score.ndim != 1:
        raise ValueError(f'{score.size} scores but {truth.size} truths')
    if not ((score >= 0) & (score <= 1)).all():
        raise ValueError('scores must be numbers in [0, 1]')
    if truth.all() or not truth.any():
        raise ValueError('review bounds need safe and unsafe pictures')
    if not 0 <= max_share <= 1:
        raise ValueError(f'max_share must be in [0, 1], got {max_share}')
    order = np.argsort(score, kind='stable')
    score, truth = score[order], truth[order]
    # A bound lies between two different scores: cut c has c pictures below it.
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(score)) + 1, [len(score)]])
    misses = np.concatenate([[0], np.cumsum(truth)])[cuts]
    alarms = np.concatenate([np.cumsum(~truth[::-1])[::-1], [0]])[cuts]
    limit = int(np.floor(max_share * len(score) + 1e-9))
    best, chosen = np.inf, (0, 0)
    for index, cut in enumerate(cuts):
        last = np.searchsorted(cuts, cut + limit, side='right')
        looked_at = cuts[index:last] - cut
        cost = (
            costs.miss * misses[index]
            + costs.false_alarm * alarms[index:last]
            + review_cost * looked_at
        )
        least = int(np.argmin(cost))
        # Equal but for rounding is equal: the first, lowest bounds stay.
        if cost[least] < best * (1 - 1e-9):
            best, chosen = float(cost[least]), (cut, cuts[index + least])
    low, high = (_between(score, int(cut)) for cut in chosen)
    return low, max(low, high)


def _between(score: np.ndarray, cut: int) -> float:
    """A bound with ``cut`` pictures below it, just under the next score."""
    if cut == 0:
        return 0.0
    if cut == len(score):
        return float(np.nextafter(score[-1], 2)) if score[-1] < 1 else 1.0
    return float((score[cut - 1] + score[cut]) / 2)


class RollingReviewBudget:
    """At most a share of the latest pictures goes to a human for being unsure.

    Args:
        max_share: Share of the window, in (0, 1].
        window: Number of latest decisions that are looked at.

    Raises:
        ValueError: If a number is out of range.
    """

    def __init__(self, max_share: float, window: int = 1000) -> None:
        if not 0 < max_share <= 1 or window < 1:
            raise ValueError(
                f'max_share must be in (0, 1] and window at least 1: {max_share}, '
                f'{window}'
            )
        self.max_share = max_share
        self.reviewed: deque[bool] = deque(maxlen=window)

    @property
    def is_used_up(self) -> bool:
        """Whether one more review would be more than the share.

        It is judged by the full window from the start, so that a first unsure picture
        finds its human.
        """
        window = self.reviewed.maxlen or 1
        dropped = len(self.reviewed) == window and self.reviewed[0]
        return sum(self.reviewed) - dropped + 1 > self.max_share * window

    def record(self, reviewed: bool) -> None:
        """Note a decision."""
        self.reviewed.append(reviewed)
