import numpy as np
import pytest

from maxsight_mm.datasets.derived_labels import lighting_label


@pytest.mark.parametrize(('name', 'index'), [('day', 0), ('night', 3), ('fog', 4)])
def test_light_is_its_place_in_the_list(name, index):
    found = lighting_label({'gt_tasks': {'lighting': name}})
    assert found.dtype == np.int64 and found.tolist() == [index]


@pytest.mark.parametrize('tasks', [{}, {'lighting': 'disco'}])
def test_unknown_light_is_unlabelled(tasks):
    assert lighting_label({'gt_tasks': tasks}) is None
