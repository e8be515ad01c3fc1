"""From scores to a decision: is this image treated as unsafe, and what does it cost?

A *miss* is an unsafe image let through, a *false alarm* a safe one held back. Their
costs differ, so the threshold is the one with the least expected cost (Elkan, The
foundations of cost-sensitive learning, IJCAI 2001), looked for among the scores.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .safety import clopper_pearson_interval
from .temperature import activate


class Costs(NamedTuple):
    """What one miss and one false alarm cost, in any one currency."""

    miss: float
    false_alarm: float


class Outcome(NamedTuple):
    """What deciding came to, in images."""

    num_unsafe: int
    num_safe: int
    misses: int
    false_alarms: int

    @property
    def recall(self) -> float:
        """Share of the unsafe images that are held back; nan without any."""
        return _share(self.num_unsafe - self.misses, self.num_unsafe)

    @property
    def precision(self) -> float:
        """Share of those held back that are unsafe; nan where none is."""
        found = self.num_unsafe - self.misses
        return _share(found, found + self.false_alarms)

    @property
    def false_alarm_rate(self) -> float:
        """Share of the safe images that are held back; nan without any."""
        return _share(self.false_alarms, self.num_safe)

    @property
    def recall_interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the recall (Clopper-Pearson)."""
        return clopper_pearson_interval(self.num_unsafe - self.misses, self.num_unsafe)

    @property
    def false_alarm_interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the false-alarm rate (Clopper-Pearson)."""
        return clopper_pearson_interval(self.false_alarms, self.num_safe)

    def cost(self, costs: Costs) -> float:
        """Mean cost of an image; nan without images."""
        total = self.misses * costs.miss + self.false_alarms * costs.false_alarm
        return _share(total, self.num_unsafe + self.num_safe)


class ThresholdSweep(NamedTuple):
    """What each of T rising thresholds comes to; all fields are (T,).

    ``threshold`` holds every distinct score, and 1, at which nothing is held back
    unless its score is 1. Figures without cases are nan; ``cost`` is that of a mean
    image.
    """

    threshold: np.ndarray
    misses: np.ndarray
    false_alarms: np.ndarray
    recall: np.ndarray
    precision: np.ndarray
    false_alarm_rate: np.ndarray
    cost: np.ndarray


def unsafe_scores(
    logits: ArrayLike,
    unsafe: Sequence[int],
    activation: str,
    temperature: ArrayLike = 1.0,
) -> np.ndarray:
    """How unsafe each image looks, (N,) float64 in [0, 1].

    Args:
        logits: (N, K) float, unactivated.
        unsafe: Labels that count as unsafe.
        activation: ``'softmax'``: the scores of these classes are added up;
            ``'sigmoid'``: the highest of them counts.
        temperature: Positive number, or (N,) of these.

    Raises:
        ValueError: As ``activate``, and if ``unsafe`` is empty, names a label twice
            or one that does not exist.
    """
    scores = activate(logits, activation, temperature)
    labels = list(unsafe)
    if not labels or len(set(labels)) < len(labels):
        raise ValueError(f'unsafe must hold different labels, got {labels}')
    if not 0 <= min(labels) <= max(labels) < scores.shape[1]:
        raise ValueError(
            f'unsafe labels must lie in [0, {scores.shape[1]}), got {labels}'
        )
    if activation == 'sigmoid':
        return scores[:, labels].max(axis=1)
    # The sum may pass 1 by a rounding.
    return np.minimum(scores[:, labels].sum(axis=1), 1)


def decision_outcome(held_back: ArrayLike, is_unsafe: ArrayLike) -> Outcome:
    """Count misses and false alarms.

    Args:
        held_back: (N,) bool, images treated as unsafe.
        is_unsafe: (N,) bool, the truth.

    Raises:
        ValueError: If the lengths differ.
    """
    held, truth = np.asarray(held_back, bool), np.asarray(is_unsafe, bool)
    if held.shape != truth.shape:
        raise ValueError(f'{held.size} decisions but {truth.size} truths')
    return Outcome(
        int(truth.sum()),
        int((~truth).sum()),
        int((truth & ~held).sum()),
        int((~truth & held).sum()),
    )


def threshold_sweep(
    scores: ArrayLike, is_unsafe: ArrayLike, costs: Costs
) -> ThresholdSweep:
    """What happens if images with ``score >= threshold`` are held back.

    Args:
        scores: (N,) float in [0, 1], from ``unsafe_scores``.
        is_unsafe: (N,) bool, the truth.
        costs: Not negative, and not both 0.

    Raises:
        ValueError: If the lengths differ, a score is not in [0, 1], or the costs are
            not as said.
    """
    values, truth = np.asarray(scores, np.float64), np.asarray(is_unsafe, bool)
    if values.shape != truth.shape:
        raise ValueError(f'{values.size} scores but {truth.size} truths')
    # Written so that nan fails too.
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(
            f'scores must lie in [0, 1], got {values.min()} to {values.max()}'
        )
    _check_costs(costs)
    threshold = np.unique(np.append(values, 1.0))
    unsafe, safe = np.sort(values[truth]), np.sort(values[~truth])
    misses = np.searchsorted(unsafe, threshold)
    false_alarms = len(safe) - np.searchsorted(safe, threshold)
    found = len(unsafe) - misses
    total = misses * costs.miss + false_alarms * costs.false_alarm
    return ThresholdSweep(
        threshold,
        misses,
        false_alarms,
        _shares(found, np.full(found.shape, len(unsafe))),
        _shares(found, found + false_alarms),
        _shares(false_alarms, np.full(found.shape, len(safe))),
        _shares(total, np.full(found.shape, len(values))),
    )


def cost_optimal_threshold(sweep: ThresholdSweep) -> float:
    """The threshold of least cost; of equals the lowest, which misses least.

    Raises:
        ValueError: If the sweep saw no unsafe or no safe image.
    """
    for kind, rate in (('unsafe', sweep.recall), ('safe', sweep.false_alarm_rate)):
        if np.isnan(rate).any():
            raise ValueError(f'a threshold needs safe and unsafe images, got no {kind}')
    least = sweep.cost.min()
    # Sums of the same costs may differ by a rounding.
    equal = np.isclose(sweep.cost, least, rtol=1e-9, atol=0)
    return float(sweep.threshold[equal.argmax()])


def break_even_threshold(costs: Costs) -> float:
    """The score at which a miss and a false alarm are expected to cost the same.

    false_alarm / (false_alarm + miss), if scores are true probabilities (Elkan 2001).

    Raises:
        ValueError: If the costs are not finite and >= 0, or both 0.
    """
    _check_costs(costs)
    return costs.false_alarm / (costs.false_alarm + costs.miss)


def _check_costs(costs: Costs) -> None:
    if not (np.isfinite(costs).all() and min(costs) >= 0 and max(costs) > 0):
        raise ValueError(
            f'costs must be finite and >= 0, not both 0, got {costs.miss} for a miss '
            f'and {costs.false_alarm} for a false alarm'
        )


def _share(part: float, whole: int) -> float:
    return part / whole if whole else float('nan')


def _shares(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    nothing = np.full(part.shape, np.nan)
    return np.divide(part, whole, out=nothing, where=whole > 0)
