import numpy as np
import pytest
from derived_results import results_of

from maxsight_mm.datasets.derived_labels import fatigue, focus_depth_m


def grey_image(level):
    return np.full((100, 200, 3), level, np.uint8)


def test_focus_lies_on_the_object_of_the_highest_priority():
    results = results_of(
        [('pole', 0, 5)] * 3, urgencies=[1, 3, 0], distances_m=[1.0, 6.0, 0.5]
    )
    np.testing.assert_array_equal(focus_depth_m(results), np.float32([6.0]))


@pytest.mark.parametrize(('urgencies', 'distances_m'), [([], []), ([3], [40.0])])
def test_focus_rests_where_nothing_is_within_20_m(urgencies, distances_m):
    objects = [('pole', 0, 5)] * len(urgencies)
    results = results_of(objects, urgencies=urgencies, distances_m=distances_m)
    np.testing.assert_array_equal(focus_depth_m(results), np.float32([20.0]))


def test_focus_is_unknown_with_an_unknown_object():
    results = results_of(
        [('pole', 0, 5)] * 2, urgencies=[3, 1], distances_m=[2.0, np.nan]
    )
    assert focus_depth_m(results) is None


def test_load_by_hand():
    """A grey wall is flat; at a quarter of the light it is half dark."""
    bright = results_of(image=grey_image(200), tasks={'glare': 0.5})
    expected = 1 - (1 - 0.6 * 0.5) * (1 - 0.4)
    assert fatigue(bright)[0] == pytest.approx(expected, rel=1e-5)
    dim = results_of(image=grey_image(64), tasks={'glare': 0.0})
    darkness = (0.4 - 64 / 255) / 0.3
    expected = 1 - (1 - 0.5 * darkness) * (1 - 0.4)
    assert fatigue(dim)[0] == pytest.approx(expected, rel=1e-5)


def test_clutter_adds_to_the_load():
    stripes = grey_image(255)
    stripes[:, ::8] = stripes[:, 1::8] = stripes[:, 2::8] = stripes[:, 3::8] = 0
    halves = grey_image(255)
    halves[:, :100] = 0
    load = [
        fatigue(results_of(image=image, tasks={'glare': 0.0}))[0]
        for image in (halves, stripes)
    ]
    # Nearly the same light and contrast.
    assert load[0] == pytest.approx(0.0, abs=0.01)
    assert load[1] == pytest.approx(0.5, abs=0.01)


def test_load_needs_the_glare():
    assert fatigue(results_of()) is None
