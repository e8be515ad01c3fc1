import itertools
import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from maxsight_mm.evaluation.functional.uncertainty import (
    auroc,
    excess_risk_coverage_area,
    image_error,
    risk_coverage_area,
    spearman_correlation,
    wrong_objects,
)


def test_wrong_objects_hand_worked():
    """Right, missed, wrong class, wrong zone, zone unlabelled."""
    wrong = wrong_objects(
        found_by=np.array([0, -1, 1, 2, 3]),
        labels=np.array([5, 5, 5, 5]),
        gt_labels=np.array([5, 5, 6, 5, 5]),
        zones=np.array([0, 0, 0, 2]),
        gt_zones=np.array([0, 0, 0, 1, -1]),
    )
    assert wrong.tolist() == [False, True, True, True, False]


def test_zones_are_not_judged_without_answers_or_labels():
    common = np.array([0]), np.array([1]), np.array([1])
    assert not wrong_objects(*common, zones=None, gt_zones=np.array([2])).any()
    assert not wrong_objects(*common, zones=np.array([2]), gt_zones=None).any()


@pytest.mark.parametrize(
    'objects, urgency, expected',
    [
        ([True, False, False, False], True, (0.25 + 1) / 2),
        ([True, False], False, 0.25),
        ([True, True], None, 1.0),
        (None, True, 1.0),
        ([], False, 0.0),
    ],
)
def test_image_error_weighs_objects_and_urgency_alike(objects, urgency, expected):
    assert image_error(objects, urgency) == pytest.approx(expected)


def test_image_error_takes_tensors():
    torch = pytest.importorskip('torch')
    wrong = torch.tensor([True, False, False])
    assert image_error(wrong, torch.tensor(True)) == pytest.approx(2 / 3)


def test_image_without_labels_has_no_error():
    assert math.isnan(image_error())
    assert math.isnan(image_error([], None))


@pytest.mark.parametrize('levels', [5, 10_000])
def test_spearman_agrees_with_scipy(levels):
    rng = np.random.default_rng(levels)
    a = rng.integers(0, levels, 200)
    b = a + rng.integers(0, levels, 200)
    assert spearman_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic)


def test_spearman_of_a_constant_or_a_single_case_is_nan():
    assert math.isnan(spearman_correlation(np.ones(5), np.arange(5)))
    assert math.isnan(spearman_correlation(np.ones(1), np.ones(1)))
    assert math.isnan(spearman_correlation(np.empty(0), np.empty(0)))


@pytest.mark.parametrize('levels', [4, 10_000])
def test_auroc_agrees_with_sklearn(levels):
    metrics = pytest.importorskip('sklearn.metrics')
    rng = np.random.default_rng(levels)
    scores = rng.integers(0, levels, 300)
    positive = rng.random(300) < scores / levels
    expected = metrics.roc_auc_score(positive, scores)
    assert auroc(scores, positive) == pytest.approx(expected)


def test_auroc_needs_both_kinds():
    assert math.isnan(auroc(np.arange(3), np.ones(3)))
    assert math.isnan(auroc(np.arange(3), np.zeros(3)))
    assert math.isnan(auroc(np.empty(0), np.empty(0)))


def test_risk_coverage_area_hand_worked():
    uncertainty = np.array([0.9, 0.1, 0.5])
    error = np.array([1.0, 0.0, 0.5])
    expected = (0 + 0.5 / 2 + 1.5 / 3) / 3
    assert risk_coverage_area(uncertainty, error) == pytest.approx(expected)
    assert excess_risk_coverage_area(uncertainty, error) == pytest.approx(0)
    assert excess_risk_coverage_area(-uncertainty, error) > 0.3


def test_ties_give_the_mean_over_their_orders():
    uncertainty = np.array([0.2, 0.2, 0.7, 0.7, 0.7])
    error = np.array([0.0, 1.0, 1.0, 0.25, 0.0])
    areas = [
        np.mean(np.cumsum(error[list(order)]) / np.arange(1, 6))
        for order in itertools.permutations(range(5))
        if (np.diff(uncertainty[list(order)]) >= 0).all()
    ]
    assert risk_coverage_area(uncertainty, error) == pytest.approx(np.mean(areas))


def test_constant_uncertainty_has_the_mean_error_as_area():
    error = np.array([0.0, 1.0, 0.5])
    assert risk_coverage_area(np.ones(3), error) == pytest.approx(0.5)


def test_risk_coverage_area_of_nothing_is_nan():
    assert math.isnan(risk_coverage_area(np.empty(0), np.empty(0)))
