import numpy as np
import pytest

from maxsight_mm.evaluation.functional import (
    angular_distance_deg,
    angular_error_deg,
    constant_angular_error_deg,
    mean_absolute_error,
    median_absolute_error,
)


def test_mean_absolute_error_by_hand():
    assert mean_absolute_error(np.array([1, 2]), np.array([2.0, 4.0])) == 1.5


def test_no_constant_beats_the_median():
    truth = np.random.default_rng(0).exponential(size=51)
    tried = [mean_absolute_error(c, truth) for c in np.linspace(0, 5, 501)]
    assert median_absolute_error(truth) <= min(tried) + 1e-12


@pytest.mark.parametrize(
    ('a', 'b', 'distance'),
    [(170, -170, 20), (-90, 270, 0), (0, 180, 180), (10, -15, 25), (359, 1, 2)],
)
def test_angles_go_the_shorter_way_round(a, b, distance):
    assert angular_distance_deg(np.array(a), np.array(b)) == distance


def test_no_direction_beats_the_best_constant():
    truth = np.random.default_rng(0).normal(175, 60, 40)
    tried = [angular_error_deg(c, truth) for c in np.linspace(0, 360, 721)]
    best = constant_angular_error_deg(truth)
    assert best <= min(tried) + 1e-9
    assert best == pytest.approx(min(tried), abs=0.2)


def test_nothing_gives_nan():
    empty = np.empty(0)
    figures = [
        mean_absolute_error(empty, empty),
        median_absolute_error(empty),
        angular_error_deg(empty, empty),
        constant_angular_error_deg(empty),
    ]
    assert np.isnan(figures).all()
