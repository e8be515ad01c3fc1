import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.decisions import (
    Costs,
    Outcome,
    cost_optimal_threshold,
    decision_outcome,
    threshold_sweep,
    unsafe_scores,
)

COSTS = Costs(miss=10, false_alarm=1)
# safe .1 .4 .6, unsafe .4 .8
SCORES, UNSAFE = [0.1, 0.4, 0.6, 0.4, 0.8], [False, False, False, True, True]


def problem(num=300, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.random(num) < 0.3
    # Rounded, so that scores are equal
    scores = np.clip(rng.normal(np.where(truth, 0.6, 0.3), 0.2), 0, 1).round(2)
    return scores, truth


def test_hand_worked_sweep():
    sweep = threshold_sweep(SCORES, UNSAFE, COSTS)
    assert sweep.threshold.tolist() == [0.1, 0.4, 0.6, 0.8, 1]
    assert sweep.misses.tolist() == [0, 0, 1, 1, 2]
    assert sweep.false_alarms.tolist() == [3, 2, 1, 0, 0]
    assert sweep.recall.tolist() == [1, 1, 0.5, 0.5, 0]
    np.testing.assert_allclose(sweep.precision, [2 / 5, 2 / 4, 1 / 2, 1, math.nan])
    np.testing.assert_allclose(sweep.false_alarm_rate, [1, 2 / 3, 1 / 3, 0, 0])
    np.testing.assert_allclose(sweep.cost, [0.6, 0.4, 2.2, 2, 4])
    assert cost_optimal_threshold(sweep) == 0.4


def test_sweep_agrees_with_sklearn():
    metrics = pytest.importorskip('sklearn.metrics')
    scores, truth = problem()
    sweep = threshold_sweep(scores, truth, COSTS)
    precision, recall, threshold = metrics.precision_recall_curve(truth, scores)
    own = slice(len(threshold))
    np.testing.assert_allclose(sweep.threshold[own], threshold)
    np.testing.assert_allclose(sweep.precision[own], precision[:-1], atol=1e-12)
    np.testing.assert_allclose(sweep.recall[own], recall[:-1], atol=1e-12)
    rate, _, at = metrics.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(sweep.threshold[own], at[:0:-1])
    np.testing.assert_allclose(sweep.false_alarm_rate[own], rate[:0:-1], atol=1e-12)


def test_sweep_agrees_with_torchmetrics():
    functional = pytest.importorskip('torchmetrics.functional.classification')
    torch = pytest.importorskip('torch')
    scores, truth = problem()
    sweep = threshold_sweep(scores, truth, COSTS)
    precision, recall, threshold = functional.binary_precision_recall_curve(
        torch.from_numpy(scores), torch.from_numpy(truth).long()
    )
    own = slice(len(threshold))
    np.testing.assert_allclose(sweep.threshold[own], threshold.numpy())
    np.testing.assert_allclose(sweep.precision[own], precision.numpy()[:-1], atol=1e-6)
    np.testing.assert_allclose(sweep.recall[own], recall.numpy()[:-1], atol=1e-6)


@pytest.mark.parametrize('miss', [1, 5, 100])
def test_threshold_costs_least_of_all_that_are_tried(miss):
    scores, truth = problem(seed=miss)
    costs = Costs(miss, 1)
    best = cost_optimal_threshold(threshold_sweep(scores, truth, costs))
    tried = np.linspace(0, 1, 1001)
    found = [decision_outcome(scores >= t, truth).cost(costs) for t in tried]
    assert decision_outcome(scores >= best, truth).cost(costs) == min(found)


def test_equal_costs_go_to_the_lower_threshold():
    # At .2: one false alarm. At .5: none, but one miss of the same cost.
    sweep = threshold_sweep([0.2, 0.2, 0.5], [True, False, True], Costs(1, 1))
    np.testing.assert_allclose(sweep.cost, [1 / 3, 1 / 3, 2 / 3])
    assert cost_optimal_threshold(sweep) == 0.2


def test_equal_costs_may_differ_by_a_rounding():
    # 3 * 0.1 and 1 * 0.3 are not the same float.
    scores = [0.1, 0.1, 0.1, 0.1, 0.6]
    sweep = threshold_sweep(scores, [False, False, False, True, True], Costs(0.3, 0.1))
    assert cost_optimal_threshold(sweep) == 0.1


def test_nothing_is_held_back_where_that_costs_least():
    sweep = threshold_sweep([0.9, 0.2], [False, True], Costs(0.1, 10))
    assert cost_optimal_threshold(sweep) == 1
    # A score of 1 reaches every threshold.
    sweep = threshold_sweep([1.0, 0.2], [False, True], Costs(0.1, 10))
    assert sweep.threshold.tolist() == [0.2, 1]
    assert sweep.false_alarms.tolist() == [1, 1]


@pytest.mark.parametrize('kind', [True, False])
def test_one_kind_of_image_gives_no_threshold(kind):
    sweep = threshold_sweep([0.3, 0.7], [kind, kind], COSTS)
    assert np.isnan(sweep.false_alarm_rate if kind else sweep.recall).all()
    with pytest.raises(ValueError, match='got no ' + ('safe' if kind else 'unsafe')):
        cost_optimal_threshold(sweep)


def test_empty():
    sweep = threshold_sweep([], [], COSTS)
    assert sweep.threshold.tolist() == [1]
    assert np.isnan([sweep.recall, sweep.cost, sweep.precision]).all()
    with pytest.raises(ValueError, match='safe and unsafe images'):
        cost_optimal_threshold(sweep)
    nothing = decision_outcome([], [])
    assert np.isnan([nothing.recall, nothing.precision, nothing.cost(COSTS)]).all()
    assert np.isnan(nothing.recall_interval).all()


@pytest.mark.parametrize('bad', [math.nan, -0.1, 1.1])
def test_scores_outside_the_unit_interval_are_refused(bad):
    with pytest.raises(ValueError, match='scores must lie in'):
        threshold_sweep([0.5, bad], [True, False], COSTS)


@pytest.mark.parametrize('costs', [(-1, 1), (0, 0), (math.nan, 1), (1, math.inf)])
def test_costs_that_make_no_sense_are_refused(costs):
    with pytest.raises(ValueError, match='costs must be finite and >= 0'):
        threshold_sweep(SCORES, UNSAFE, Costs(*costs))


def test_outcome_is_counted():
    outcome = decision_outcome([1, 0, 1, 0, 0], [1, 1, 0, 0, 0])
    assert outcome == Outcome(num_unsafe=2, num_safe=3, misses=1, false_alarms=1)
    assert (outcome.recall, outcome.precision) == (0.5, 0.5)
    assert outcome.false_alarm_rate == pytest.approx(1 / 3)
    assert outcome.cost(COSTS) == pytest.approx(11 / 5)
    with pytest.raises(ValueError, match='2 decisions but 1 truths'):
        decision_outcome([True, False], [True])


def test_intervals_are_those_of_scipy():
    stats = pytest.importorskip('scipy.stats')
    outcome = Outcome(num_unsafe=40, num_safe=100, misses=3, false_alarms=12)
    expected = stats.binomtest(37, 40).proportion_ci(method='exact')
    assert outcome.recall_interval == pytest.approx(tuple(expected), abs=1e-9)
    expected = stats.binomtest(12, 100).proportion_ci(method='exact')
    assert outcome.false_alarm_interval == pytest.approx(tuple(expected), abs=1e-9)


LOGITS = [[0.0, math.log(2), math.log(5)]]


def test_softmax_adds_up_the_unsafe_classes():
    assert unsafe_scores(LOGITS, [1, 2], 'softmax') == pytest.approx(7 / 8)
    assert unsafe_scores(LOGITS, [0], 'softmax') == pytest.approx(1 / 8)
    warm = unsafe_scores(LOGITS, [0], 'softmax', 2)
    assert warm == pytest.approx(1 / (1 + 2**0.5 + 5**0.5))


def test_sigmoid_takes_the_highest_of_the_unsafe_classes():
    assert unsafe_scores(LOGITS, [0, 1], 'sigmoid') == pytest.approx(2 / 3)
    assert unsafe_scores(LOGITS, [0], 'sigmoid') == pytest.approx(1 / 2)


def test_scores_never_pass_one():
    logits = np.random.default_rng(0).normal(0, 9, (2000, 7))
    assert unsafe_scores(logits, range(1, 7), 'softmax').max() <= 1


@pytest.mark.parametrize('unsafe', [[], [1, 1], [3], [-1]])
def test_labels_that_do_not_exist_are_refused(unsafe):
    with pytest.raises(ValueError, match='unsafe'):
        unsafe_scores(LOGITS, unsafe, 'softmax')
