import math

import numpy as np
import pytest
from scipy.stats import binomtest

from maxsight_mm.evaluation.functional.safety import (
    MISSED,
    UNANSWERED,
    clopper_pearson_interval,
    clopper_pearson_upper,
    false_reassurance,
)


def test_hand_worked():
    truth = [3, 2, 2, 3, 2, 1, 0, -1]
    answers = [0, MISSED, 1, 3, UNANSWERED, 0, MISSED, 0]
    result = false_reassurance(truth, answers)
    assert result == (4, 1, 1, 1)
    assert result.rate == 0.5
    assert result.missed_rate == result.called_safe_rate == 0.25
    assert result.upper_bound() == pytest.approx(clopper_pearson_upper(2, 4))


def test_only_warning_and_danger_are_hazards():
    result = false_reassurance([0, 1], [0, 0])
    assert result.num_hazards == 0
    assert math.isnan(result.rate) and math.isnan(result.upper_bound())


def test_caution_for_a_danger_is_not_reassurance():
    assert false_reassurance([3], [1]).rate == 0


def test_no_cases_is_nan():
    assert math.isnan(false_reassurance(np.empty(0), np.empty(0)).rate)


@pytest.mark.parametrize('trials', [1, 7, 300])
@pytest.mark.parametrize('confidence', [0.9, 0.95])
def test_bound_agrees_with_scipy(trials, confidence):
    for events in {0, 1, trials // 2, trials}:
        interval = binomtest(events, trials, alternative='less').proportion_ci(
            confidence_level=confidence, method='exact'
        )
        ours = clopper_pearson_upper(events, trials, confidence)
        assert ours == pytest.approx(interval.high, abs=1e-9)


def test_one_percent_needs_299_clean_hazards():
    assert clopper_pearson_upper(0, 298) > 0.01 > clopper_pearson_upper(0, 299)


@pytest.mark.parametrize('events, trials', [(2, 1), (-1, 3)])
def test_impossible_counts_are_refused(events, trials):
    with pytest.raises(ValueError, match='num_events'):
        clopper_pearson_upper(events, trials)


@pytest.mark.parametrize('confidence', [0.0, 1.0, math.nan])
def test_confidence_must_be_a_probability(confidence):
    with pytest.raises(ValueError, match='confidence'):
        clopper_pearson_upper(1, 3, confidence)


@pytest.mark.parametrize(('events', 'trials'), [(0, 12), (3, 40), (12, 12), (1, 1)])
@pytest.mark.parametrize('confidence', [0.8, 0.95])
def test_interval_agrees_with_scipy(events, trials, confidence):
    expected = binomtest(events, trials).proportion_ci(confidence, 'exact')
    found = clopper_pearson_interval(events, trials, confidence)
    assert found == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_interval_without_trials_is_nan():
    assert np.isnan(clopper_pearson_interval(0, 0)).all()
