import numpy as np
import pytest

from maxsight_mm.datasets.derived_labels import DERIVED
from maxsight_mm.synthetic.street import LIGHTINGS as STREET_LIGHTINGS
from maxsight_mm.taxonomy.lighting import LIGHTINGS

CLASSES = ('person', 'car', 'scratch')


def descriptor(labels, lighting=None, **fields):
    return DERIVED['scene_descriptor'](
        {
            'classes': CLASSES,
            'gt_bboxes_labels': np.array(labels, np.int64),
            'gt_instance_tasks': {k: np.array(v) for k, v in fields.items()},
            'gt_tasks': {} if lighting is None else {'lighting': lighting},
        }
    )


def test_lightings_are_those_of_the_street_world():
    assert LIGHTINGS is STREET_LIGHTINGS


def test_descriptor_by_hand():
    found = descriptor([0, 0, 2], 'dusk', distances_m=[5.0, np.nan, 0.0])
    near = 1.2 * np.exp(-1)
    expected = [np.log(3), 0, np.log(2), 0, 0, 1.2, 0, 0, near, 0, 1.2]
    assert found.tolist() == pytest.approx(expected, abs=1e-6)
    assert found.dtype == np.float32


def test_scene_without_anything_is_unlabelled():
    assert descriptor([]) is None
    assert descriptor([], 'night').any()
