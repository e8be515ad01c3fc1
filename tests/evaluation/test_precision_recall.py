import numpy as np
import pytest

from maxsight_mm.evaluation.functional.detection import (
    best_f1_point,
    operating_point,
    precision_recall_curve,
    sampled_precision,
)
from maxsight_mm.evaluation.functional.matching import HIT, IGNORED, MISS

SCORES = np.array([0.2, 0.9, 0.6, 0.8, 0.95])
OUTCOME = np.array([HIT, HIT, HIT, MISS, IGNORED])


def test_curve_hand_worked():
    curve = precision_recall_curve(SCORES, OUTCOME, num_objects=4)
    np.testing.assert_allclose(curve.scores, [0.9, 0.8, 0.6, 0.2])
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3, 3 / 4])
    np.testing.assert_allclose(curve.recall, [0.25, 0.25, 0.5, 0.75])


def test_operating_point_hand_worked():
    point = operating_point(SCORES, OUTCOME, 4, threshold=0.6)
    assert point == pytest.approx((0.6, 2 / 3, 1 / 2, 4 / 7))


def test_best_f1_agrees_with_trying_every_threshold():
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 20, 200) / 20
    outcome = rng.choice([HIT, MISS, IGNORED], 200, p=[0.5, 0.4, 0.1])
    num_objects = int((outcome == HIT).sum()) + 15
    best = best_f1_point(precision_recall_curve(scores, outcome, num_objects))
    tried = [
        operating_point(scores, outcome, num_objects, thr) for thr in np.unique(scores)
    ]
    assert best.f1 == pytest.approx(max(point.f1 for point in tried))
    same = operating_point(scores, outcome, num_objects, best.threshold)
    assert best == pytest.approx(same)


def test_curve_agrees_with_sklearn():
    metrics = pytest.importorskip('sklearn.metrics')
    rng = np.random.default_rng(1)
    scores = rng.permutation(100) / 100
    outcome = rng.integers(0, 2, 100)
    curve = precision_recall_curve(scores, outcome, int(outcome.sum()))
    precision, recall, _ = metrics.precision_recall_curve(outcome, scores)
    np.testing.assert_allclose(curve.precision[::-1], precision[:-1])
    np.testing.assert_allclose(curve.recall[::-1], recall[:-1])


def test_sampled_precision_is_zero_past_the_last_recall():
    curve = precision_recall_curve(SCORES, OUTCOME, num_objects=4)
    sampled = sampled_precision(curve, num_points=5)
    np.testing.assert_allclose(sampled, [1, 1, 0.75, 0.75, 0])


def test_class_without_objects_is_undefined():
    curve = precision_recall_curve(SCORES, OUTCOME, num_objects=0)
    assert np.isnan(sampled_precision(curve)).all()
    assert np.isnan(best_f1_point(curve)).all()
    assert np.isnan(operating_point(SCORES, OUTCOME, 0, 0.5)[1:]).all()


def test_class_without_detections_has_recall_zero_and_no_precision():
    empty = np.empty(0), np.empty(0), 3
    point = operating_point(*empty, threshold=0.5)
    assert np.isnan(point.precision) and point.recall == point.f1 == 0
    assert not sampled_precision(precision_recall_curve(*empty)).any()


def test_nothing_at_all_is_undefined():
    curve = precision_recall_curve(np.empty(0), np.empty(0), 0)
    assert np.isnan(sampled_precision(curve)).all()
