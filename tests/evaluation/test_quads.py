import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional import (
    f1_score,
    inside_share,
    match_quads,
    quad_iou,
)

SQUARE = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])


@pytest.mark.parametrize(
    ('other', 'iou'),
    [
        (SQUARE, 1),
        (SQUARE[::-1], 1),
        (SQUARE + [5, 0], 1 / 3),
        (SQUARE + [20, 0], 0),
        (SQUARE * 0.5 + 2.5, 0.25),
        # the square on its corner: an octagon of 100 - 4 * 5 ** 2 / 2 inside
        (np.array([[5.0, -5], [15, 5], [5, 15], [-5, 5]]), 100 / 200),
        (SQUARE * 0, 0),
    ],
)
def test_overlap_of_known_shapes(other, iou):
    assert quad_iou(SQUARE, other) == pytest.approx(iou, abs=1e-5)


def test_agrees_with_counting_points():
    rng = np.random.default_rng(0)
    angle = 0.4
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    other = (SQUARE - 5) @ turn.T + [7, 5]
    points = rng.uniform(-5, 20, (200_000, 2))
    in_square = ((points > 0) & (points < 10)).all(1)
    in_other = (np.abs((points - [7, 5]) @ turn) < 5).all(1)
    expected = (in_square & in_other).sum() / (in_square | in_other).sum()
    assert quad_iou(SQUARE, other) == pytest.approx(expected, abs=0.01)


def test_each_quad_answers_for_one_and_the_largest_overlap_goes_first():
    found = np.stack([SQUARE + [2, 0], SQUARE])
    truth = np.stack([SQUARE, SQUARE + [100, 0]])
    assert match_quads(found, truth).tolist() == [1, -1]


@pytest.mark.parametrize(('found', 'truth'), [(0, 2), (2, 0), (0, 0)])
def test_matching_nothing(found, truth):
    quads = np.zeros((2, 4, 2)) + SQUARE
    assert match_quads(quads[:found], quads[:truth]).tolist() == [-1] * truth


def test_share_inside_is_of_the_quad_and_of_the_best_region():
    quads = np.stack([SQUARE * 0.5, SQUARE + [6, 0], SQUARE + [90, 0], SQUARE * 0])
    regions = np.stack([SQUARE + [100, 0], SQUARE])
    assert inside_share(quads, regions) == pytest.approx([1, 0.4, 0, 0])
    assert inside_share(quads, regions[:0]).tolist() == [0, 0, 0, 0]


def test_f1():
    assert f1_score(2, 4, 3) == pytest.approx(2 * (0.5 * 2 / 3) / (0.5 + 2 / 3))
    assert math.isnan(f1_score(0, 0, 0))
