import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.class_recall import (
    recall_at_precision,
    recall_over_seeds,
)
from maxsight_mm.evaluation.functional.detection import precision_recall_curve
from maxsight_mm.evaluation.functional.matching import HIT, IGNORED, MISS

# Precision 1, 1, 2/3, 3/4, 3/5, recall 1/5, 2/5, 2/5, 3/5, 3/5.
CURVE = precision_recall_curve(
    np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([HIT, HIT, MISS, HIT, MISS]), 5
)


@pytest.mark.parametrize(
    ('precision', 'recall'),
    [(1.0, 0.4), (0.8, 0.4), (0.75, 0.6), (0.7, 0.6), (0.6, 0.6), (0.01, 0.6)],
)
def test_recall_is_the_largest_that_is_precise_enough(precision, recall):
    assert recall_at_precision(CURVE, precision) == pytest.approx(recall)


def test_equal_scores_pass_a_threshold_together():
    outcome = np.array([HIT, MISS, HIT])
    tied = precision_recall_curve(np.array([0.9, 0.9, 0.5]), outcome, 2)
    assert recall_at_precision(tied, 0.9) == 0
    assert recall_at_precision(tied, 0.5) == 1
    apart = precision_recall_curve(np.array([0.9, 0.8, 0.5]), outcome, 2)
    assert recall_at_precision(apart, 0.9) == 0.5


def test_a_share_of_ten_reaches_its_decimal():
    outcome = np.array([HIT] * 9 + [MISS])
    curve = precision_recall_curve(np.full(10, 0.5), outcome, 9)
    assert recall_at_precision(curve, 0.9) == 1


def test_never_precise_enough_is_no_recall_and_no_object_is_not_measured():
    misses = precision_recall_curve(np.array([0.9, 0.8]), np.array([MISS, MISS]), 3)
    nothing = precision_recall_curve(np.empty(0), np.empty(0), 3)
    ignored = precision_recall_curve(np.array([0.9]), np.array([IGNORED]), 3)
    for curve in (misses, nothing, ignored):
        assert recall_at_precision(curve, 0.5) == 0
    absent = precision_recall_curve(np.array([0.9]), np.array([MISS]), 0)
    assert math.isnan(recall_at_precision(absent, 0.5))


def test_agrees_with_torchmetrics():
    functional = pytest.importorskip('torchmetrics.functional.classification')
    torch = pytest.importorskip('torch')
    rng = np.random.default_rng(0)
    for precision in (0.3, 0.5, 0.62, 0.8):
        hit = rng.random(400) < 0.4
        # Many ties.
        scores = np.clip(0.3 * hit + rng.random(400), 0, 1).round(2)
        curve = precision_recall_curve(scores, np.where(hit, HIT, MISS), int(hit.sum()))
        expected, _ = functional.binary_recall_at_fixed_precision(
            torch.from_numpy(scores / 1.01), torch.from_numpy(hit).long(), precision
        )
        assert recall_at_precision(curve, precision) == pytest.approx(float(expected))


def test_a_monotone_change_of_the_scores_changes_nothing():
    rng = np.random.default_rng(1)
    scores, outcome = rng.random(200), rng.integers(0, 2, 200)
    for precision in (0.5, 0.55, 0.6):
        first, second = (
            recall_at_precision(precision_recall_curve(s, outcome, 150), precision)
            for s in (scores, scores**0.2)
        )
        assert first == second


def test_mean_and_range_over_seeds():
    other = precision_recall_curve(np.array([0.9]), np.array([HIT]), 5)
    spread = recall_over_seeds([CURVE, other], [0.75, 1.0])
    np.testing.assert_allclose(spread.mean, [0.4, 0.3])
    np.testing.assert_allclose(spread.low, [0.2, 0.2])
    np.testing.assert_allclose(spread.high, [0.6, 0.4])


@pytest.mark.parametrize('precision', [0, -0.1, 1.01, math.nan])
def test_other_precisions_are_refused(precision):
    with pytest.raises(ValueError, match='above 0 and at most 1'):
        recall_at_precision(CURVE, precision)


def test_no_run_is_refused():
    with pytest.raises(ValueError, match='at least one run'):
        recall_over_seeds([], [0.5])
