import numpy as np
import pytest

from maxsight_mm.datasets.derived_labels import (
    DERIVED,
    hazard_within,
    time_to_hazard_s,
)

NAN, INF = np.nan, np.inf


def results_of(urgencies, times_s, **more):
    labels = {
        'urgencies': np.array(urgencies, np.int64),
        'times_to_contact_s': np.array(times_s, np.float32),
        **more,
    }
    return {'gt_instance_tasks': labels, 'gt_tasks': {}}


@pytest.mark.parametrize(
    ('urgencies', 'times_s', 'within', 'first_s'),
    [
        ([3, 2, 1], [1.5, 3.0, 0.2], [0, 0, 1, 1], 1.5),
        ([2], [0.5], [1, 1, 1, 1], 0.5),
        ([2], [6.0], [0, 0, 0, 0], 6.0),
        ([0, 1], [0.3, NAN], [0, 0, 0, 0], NAN),
        ([3, 0], [INF, 1.0], [0, 0, 0, 0], NAN),
        ([], [], [0, 0, 0, 0], NAN),
        ([3, 3], [1.0, NAN], [NAN, 1, 1, 1], NAN),
        ([-1, 0], [1.0, 2.0], [NAN] * 4, NAN),
    ],
)
def test_first_hazard_decides(urgencies, times_s, within, first_s):
    results = results_of(urgencies, times_s)
    np.testing.assert_array_equal(hazard_within(results), np.float32(within))
    np.testing.assert_array_equal(time_to_hazard_s(results), np.float32([first_s]))


def test_guessed_urgency_is_unknown():
    results = results_of([3], [1.0], urgencies_heuristic=np.array([True]))
    assert np.isnan(hazard_within(results)).all()
    assert np.isnan(time_to_hazard_s(results)).all()


@pytest.mark.parametrize('missing', ['urgencies', 'times_to_contact_s'])
def test_objects_without_the_labels_leave_the_image_unlabelled(missing):
    results = results_of([3], [1.0])
    del results['gt_instance_tasks'][missing]
    assert hazard_within(results) is None
    assert time_to_hazard_s(results) is None


def test_labels_are_registered():
    assert DERIVED['hazard_within'] is hazard_within
    assert DERIVED['time_to_hazard_s'] is time_to_hazard_s


def test_street_dangers_are_labelled_hazards():
    from maxsight_mm.synthetic.street import StreetConfig, StreetWorld

    world = StreetWorld(StreetConfig(height=96, width=128))
    for seed in range(12):
        frame = world.frame(seed)
        results = results_of(frame.urgencies, frame.time_to_contact_s)
        within, time_s = hazard_within(results), time_to_hazard_s(results)
        assert np.isfinite(time_s[0]) == (frame.urgency >= 2)
        assert not np.isnan(within).any()
        assert (np.diff(within) >= 0).all()
