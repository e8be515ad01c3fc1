import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional import neighbour_similarity, predicate_scores


def test_macro_scores_by_hand():
    truth = np.array([1, 1, 2, 0, 0])
    answers = np.array([1, 0, 2, 2, 3])
    # predicate 1: F1 2/3, recall 1/2; predicate 2: F1 2/3, recall 1
    assert predicate_scores(answers, truth) == pytest.approx((2 / 3, 3 / 4))


def test_no_related_pair_gives_nan():
    assert all(map(math.isnan, predicate_scores(np.ones(3), np.zeros(3, int))))


def test_neighbours_by_hand():
    descriptors = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    good, bad = descriptors, np.array([[1.0, 0], [0, 1], [1, 0], [0, 1]])
    groups = np.arange(4)
    assert neighbour_similarity(good, descriptors, groups) == pytest.approx(
        (1, 1 / 3, 1)
    )
    assert neighbour_similarity(bad, descriptors, groups)[0] == 0


def test_frames_of_one_video_are_no_neighbours():
    descriptors = np.eye(2)[[0, 0, 1]]
    near, random, best = neighbour_similarity(
        descriptors, descriptors, np.array([0, 0, 1])
    )
    assert (near, random, best) == (0, 0, 0)


def test_one_image_has_no_neighbour():
    one = np.ones((1, 2))
    assert all(map(math.isnan, neighbour_similarity(one, one, np.zeros(1))))
