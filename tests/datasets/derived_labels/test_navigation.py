import math

import numpy as np
import pytest
from derived_results import results_of

from maxsight_mm.datasets.derived_labels import (
    DERIVED,
    PER_OBJECT,
    free_path,
    head_obstacle,
    navigation_difficulty,
    roi_priorities,
)

NAN = np.nan


def test_priority_by_hand():
    results = results_of(
        [('car', -5, 5)] * 4,
        urgencies=[3, 0, 2, -1],
        distances_m=[5.0, 0.0, NAN, 1.0],
        times_to_contact_s=[4.0, NAN, 1.0, 1.0],
    )
    expected = [0.5 + 0.5 * math.exp(-1), 0.25, NAN, NAN]
    np.testing.assert_allclose(roi_priorities(results), expected, rtol=1e-6)


def test_priority_of_no_object_is_an_empty_array():
    results = results_of(urgencies=[], distances_m=[])
    assert roi_priorities(results).shape == (0,)


@pytest.mark.parametrize(
    ('objects', 'distances_m', 'expected'),
    [
        ([('pole', -30, -20)], [3.9], [0, 1, 1]),
        ([('pole', -5, 5)], [3.9], [1, 0, 1]),
        ([('pole', 20, 30)], [3.9], [1, 1, 0]),
        ([('pole', -30, 30)], [3.9], [0, 0, 0]),
        ([('pole', -30, -20)], [4.0], [1, 1, 1]),
        # Its edge leans a degree into the middle sector.
        ([('pole', -30, -11)], [2.0], [0, 1, 1]),
        # One walks over these two, but not into a hole.
        ([('crosswalk', -5, 5)], [2.0], [1, 1, 1]),
        ([('kerb', -5, 5)], [2.0], [1, 1, 1]),
        ([('open manhole', -5, 5)], [2.0], [1, 0, 1]),
        ([('thing of no table', -5, 5)], [2.0], [1, 0, 1]),
        ([('pole', -5, 5)], [NAN], [1, NAN, 1]),
        ([('pole', -5, 5), ('pole', -4, 4)], [NAN, 1.0], [1, 0, 1]),
        ([], [], [1, 1, 1]),
    ],
)
def test_sector_with_a_near_obstacle_is_not_free(objects, distances_m, expected):
    found = free_path(results_of(objects, distances_m=distances_m))
    np.testing.assert_array_equal(found, np.float32(expected))


@pytest.mark.parametrize(
    ('objects', 'distances_m', 'expected'),
    [
        ([('low branch', -10, 10)], [5.9], 1),
        ([('scaffold', -10, 10)], [5.9], 1),
        ([('low branch', -10, 10)], [6.0], 0),
        ([('pole', -10, 10)], [1.0], 0),
        # 5 m x sin(9 deg) = 0.78 m beside the walker, sin(8 deg) gives 0.70 m.
        ([('low branch', 9, 20)], [5.0], 0),
        ([('low branch', 8, 20)], [5.0], 1),
        ([('low branch', -10, 10)], [NAN], NAN),
        ([], [], 0),
    ],
)
def test_head_obstacle_hangs_near_and_ahead(objects, distances_m, expected):
    found = head_obstacle(results_of(objects, distances_m=distances_m))
    np.testing.assert_array_equal(found, np.float32([expected]))


def test_difficulty_by_hand():
    """Half the corridor covered at 5 m; one mover at 8 m; dusk."""
    edge = math.degrees(math.asin(1.0 / 5.0))
    results = results_of(
        [('pole', 0, edge + 5), ('person', 30, 35)],
        tasks={'lighting': 'dusk'},
        distances_m=[5.0, 8.0],
        moving=[0, 1],
    )
    blocked, traffic, dimness = 0.5 * 0.5, 1 - math.exp(-math.exp(-1)), 0.5
    ease = (1 - 0.8 * blocked) * (1 - 0.5 * traffic) * (1 - 0.4 * dimness)
    assert navigation_difficulty(results)[0] == pytest.approx(1 - ease, rel=1e-5)


def test_empty_street_by_day_is_easy():
    results = results_of(tasks={'lighting': 'day'}, distances_m=[], moving=[])
    assert navigation_difficulty(results)[0] == 0


@pytest.mark.parametrize(
    'change',
    [
        {'tasks': {}},
        {'tasks': {'lighting': 'disco'}},
        {'distances_m': [NAN]},
        {'moving': [-1]},
    ],
)
def test_difficulty_needs_all_of_its_labels(change):
    known = dict(tasks={'lighting': 'day'}, distances_m=[2.0], moving=[0])
    results = results_of([('pole', 0, 5)], **{**known, **change})
    assert navigation_difficulty(results) is None


def test_without_distances_an_image_is_unlabelled():
    results = results_of([('pole', 0, 5)], urgencies=[1], moving=[0])
    for derive in (free_path, head_obstacle, navigation_difficulty, roi_priorities):
        assert derive(results) is None


def test_recorded_focal_length_follows_the_resize():
    """The same view at half the size: half the focal length."""
    objects = [('low branch', 8, 20)]
    results = results_of(objects, distances_m=[5.0])
    results['focal_px'] *= 2
    assert head_obstacle(results)[0] == 1
    results['focal_px'] /= 4
    assert head_obstacle(results)[0] == 0
    results['focal_px'] *= 4
    results['scale_factor'] = (0.5, 0.5)
    np.testing.assert_array_equal(
        head_obstacle(results),
        head_obstacle(results_of(objects, distances_m=[5.0])),
    )


def test_labels_are_registered():
    assert DERIVED['free_path'] is free_path
    assert 'roi_priorities' in PER_OBJECT and 'free_path' not in PER_OBJECT
