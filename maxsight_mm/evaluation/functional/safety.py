"""False reassurance: how often a real hazard was answered with silence or 'safe'.

Our design. A *hazard* is anything whose true urgency is warning or danger. The two
ways to reassure falsely are to call it safe and, for an object, not to find it at
all; calling it caution is a wrong answer, counted in the confusion matrix, but not
reassurance. No answer because a stage is unavailable is not 'safe' either: such
cases are left out and counted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

SAFE = 0
HAZARD_LEVEL = 2
MISSED, UNANSWERED = -2, -1


class FalseReassurance(NamedTuple):
    """Counts over the hazards that were judged, and over those left out."""

    num_hazards: int
    num_missed: int
    num_called_safe: int
    num_unanswered: int

    @property
    def rate(self) -> float:
        """Share of hazards missed or called safe; nan without hazards."""
        return self._share(self.num_missed + self.num_called_safe)

    @property
    def missed_rate(self) -> float:
        """Share of hazards missed; nan without hazards."""
        return self._share(self.num_missed)

    @property
    def called_safe_rate(self) -> float:
        """Share of hazards called safe; nan without hazards."""
        return self._share(self.num_called_safe)

    def upper_bound(self, confidence: float = 0.95) -> float:
        """Exact upper bound of ``rate``; nan without hazards."""
        return clopper_pearson_upper(
            self.num_missed + self.num_called_safe, self.num_hazards, confidence
        )

    def _share(self, count: int) -> float:
        return count / self.num_hazards if self.num_hazards else float('nan')


def false_reassurance(truth: ArrayLike, answers: ArrayLike) -> FalseReassurance:
    """Count false reassurance over images or objects.

    Args:
        truth: (N,) int true urgency in 0..3; -1 is unlabelled and left out.
        answers: (N,) int urgency answered in 0..3, ``MISSED`` for an object that
            no detection found, ``UNANSWERED`` where no urgency was given.
    """
    truth, answers = np.asarray(truth), np.asarray(answers)
    hazards = answers[truth >= HAZARD_LEVEL]
    unanswered = int((hazards == UNANSWERED).sum())
    return FalseReassurance(
        num_hazards=len(hazards) - unanswered,
        num_missed=int((hazards == MISSED).sum()),
        num_called_safe=int((hazards == SAFE).sum()),
        num_unanswered=unanswered,
    )


def clopper_pearson_interval(
    num_events: int, num_trials: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Exact two-sided interval of a binomial rate; nan, nan without trials.

    Args:
        num_events: Events seen, 0 to ``num_trials``.
        num_trials: Independent trials.
        confidence: Probability in (0, 1) with which the interval holds at least.

    Raises:
        ValueError: If the counts or ``confidence`` are out of range.
    """
    one_sided = (1 + confidence) / 2
    lower = 1 - clopper_pearson_upper(num_trials - num_events, num_trials, one_sided)
    return lower, clopper_pearson_upper(num_events, num_trials, one_sided)


def clopper_pearson_upper(
    num_events: int, num_trials: int, confidence: float = 0.95
) -> float:
    """Exact one-sided upper bound of a binomial rate.

    With no event in n trials the 95 % bound is about 3 / n: a rate below 1 % cannot
    be claimed from fewer than 299 hazards. Clopper and Pearson, Biometrika 1934.

    Args:
        num_events: Events seen, 0 to ``num_trials``.
        num_trials: Independent trials.
        confidence: Probability in (0, 1) with which the bound holds.

    Returns:
        The bound in [0, 1]; nan without trials.

    Raises:
        ValueError: If the counts or ``confidence`` are out of range.
    """
    if not 0 <= num_events <= num_trials:
        raise ValueError(
            f'num_events must lie in [0, num_trials], got {num_events} of {num_trials}'
        )
    if not 0 < confidence < 1:
        raise ValueError(f'confidence must lie in (0, 1), got {confidence}')
    if not num_trials:
        return float('nan')
    if num_events == num_trials:
        return 1.0
    return float(beta.ppf(confidence, num_events + 1, num_trials - num_events))
