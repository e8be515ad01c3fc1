"""Are the scores still distributed as they were when the thresholds were chosen?

Population stability index: sum of (q - p) log(q / p) over bins, for shares p then and
q now. Without any drift it is not 0 but about (1 / m + 1 / n) chi-square with bins - 1
degrees of freedom, for m scores then and n now (Yurdakul 2018). So the alarm takes
both: more than chance, and more than the usual 0.1.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

# From here on a shift is called moderate in credit scoring, where the index comes from.
NOTICEABLE = 0.1
# Fewer counts in a bin than this and chi-square is a poor guide.
MIN_COUNT = 5


def population_stability_index(reference: ArrayLike, recent: ArrayLike) -> float:
    """PSI of two histograms over the same bins; half a count is added to each bin.

    Args:
        reference: (B,) counts then.
        recent: (B,) counts now.

    Raises:
        ValueError: If the lengths differ, or one is empty.
    """
    then, now = (np.asarray(c, dtype=np.float64) for c in (reference, recent))
    if then.shape != now.shape or not then.sum() or not now.sum():
        raise ValueError(f'no index of {then.tolist()} and {now.tolist()}')
    p, q = ((c + 0.5) / (c + 0.5).sum() for c in (then, now))
    return float(((q - p) * np.log(q / p)).sum())


def chance_limit(
    num_reference: int, num_recent: int, num_bins: int, level: float = 1e-3
) -> float:
    """PSI that is exceeded with probability ``level`` if nothing has changed."""
    spread = 1 / num_reference + 1 / num_recent
    return float(spread * chi2.isf(level, num_bins - 1))


class ScoreDriftMonitor:
    """Compares the latest scores with those of ``decision.json``.

    Args:
        edges: (B + 1,) rising edges of the reference's bins, 0 to 1.
        counts: (B,) reference counts; neighbours with few are merged.
        window: Latest scores that are looked at.
        min_scores: Before so many nothing is said.
        level: Probability of an alarm at one look, if nothing has changed.

    Raises:
        ValueError: If fewer than two bins remain after merging.
    """

    def __init__(
        self,
        edges: Sequence[float],
        counts: Sequence[int],
        window: int = 1000,
        min_scores: int = 200,
        level: float = 1e-3,
    ) -> None:
        self.edges, self.counts = _merged(edges, counts)
        if len(self.counts) < 2:
            raise ValueError(
                f'{sum(counts)} reference scores are too few or too alike to compare '
                'with'
            )
        self.scores: deque[float] = deque(maxlen=window)
        self.min_scores = min_scores
        self.level = level

    def add(self, score: float) -> None:
        """Note a score in [0, 1]."""
        self.scores.append(score)

    @property
    def index(self) -> float:
        """PSI of the window; nan before ``min_scores``."""
        if len(self.scores) < self.min_scores:
            return float('nan')
        recent, _ = np.histogram(list(self.scores), self.edges)
        return population_stability_index(self.counts, recent)

    @property
    def limit(self) -> float:
        """What the index must pass for an alarm."""
        recent = max(len(self.scores), 1)
        chance = chance_limit(
            int(sum(self.counts)), recent, len(self.counts), self.level
        )
        return max(NOTICEABLE, chance)

    @property
    def has_drifted(self) -> bool:
        """Whether the alarm is on; never before ``min_scores``."""
        return self.index > self.limit


def _merged(
    edges: Sequence[float], counts: Sequence[int]
) -> tuple[list[float], list[int]]:
    """Neighbouring bins merged until each has ``MIN_COUNT`` scores."""
    kept, sums, waiting = [edges[0]], [], 0
    for edge, count in zip(edges[1:], counts, strict=True):
        waiting += count
        if waiting >= MIN_COUNT:
            kept.append(edge)
            sums.append(waiting)
            waiting = 0
    if sums:
        kept[-1] = edges[-1]
        sums[-1] += waiting
    return kept, sums
