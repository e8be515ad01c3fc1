import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional import average_precision, prevalence


def brute_force(scores, positive):
    """Sum of precision times the step of recall over all thresholds."""
    area, recall = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = scores >= threshold
        reached = (taken & positive).sum() / positive.sum()
        area += (taken & positive).sum() / taken.sum() * (reached - recall)
        recall = reached
    return area


@pytest.mark.parametrize('seed', range(5))
def test_agrees_with_every_threshold_tried(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 8, 40) / 8
    positive = rng.random(40) < 0.3
    expected = brute_force(scores, positive)
    assert average_precision(scores, positive) == pytest.approx(expected)


def test_by_hand():
    scores, positive = np.array([0.9, 0.8, 0.7]), np.array([True, False, True])
    assert average_precision(scores, positive) == pytest.approx((1 + 2 / 3) / 2)


def test_equal_scores_earn_the_prevalence():
    positive = np.array([True, False, False, False])
    assert average_precision(np.full(4, 0.3), positive) == prevalence(positive) == 0.25


def test_without_a_positive_there_is_no_figure():
    assert math.isnan(average_precision(np.ones(3), np.zeros(3)))
    assert math.isnan(prevalence(np.empty(0)))
