import numpy as np
import pytest

from maxsight_mm.datasets.transforms.object_labels import (
    is_labelled,
    kept_relations,
    object_arrays,
    select_objects,
)

INSTANCES = [
    {'zone': 2, 'zone_source': 'heuristic', 'distance_m': 9.5, 'text': 'EXIT'},
    {'moving': False},
    {'zone': 0, 'zone_source': 'annotated'},
]


def test_arrays_hold_the_labels_and_the_unlabelled_marks():
    arrays = object_arrays(INSTANCES)
    assert set(arrays) == {
        'zones',
        'distances_m',
        'moving',
        'texts',
        'zones_heuristic',
    }
    np.testing.assert_array_equal(arrays['zones'], [2, -1, 0])
    np.testing.assert_array_equal(arrays['moving'], [-1, 0, -1])
    np.testing.assert_array_equal(arrays['distances_m'], [9.5, np.nan, np.nan])
    np.testing.assert_array_equal(arrays['zones_heuristic'], [True, False, False])
    assert arrays['texts'].tolist() == ['EXIT', None, None]
    assert arrays['zones'].dtype == np.int64
    assert arrays['distances_m'].dtype == np.float32


def test_no_instances_give_no_arrays():
    assert object_arrays([]) == {}


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('zones', [True, False, True]),
        ('distances_m', [True, False, False]),
        ('texts', [True, False, False]),
        ('moving', [False, True, False]),
    ],
)
def test_labelled_entries_of_each_kind(name, expected):
    assert is_labelled(object_arrays(INSTANCES)[name]).tolist() == expected


def test_relations_are_renumbered_and_dropped_with_an_end():
    relations = [[0, 'on', 2], [2, 'by', 3], [3, 'in', 3]]
    keep = np.array([False, True, True, True])
    assert kept_relations(relations, keep) == [[1, 'by', 2], [2, 'in', 2]]


def test_selection_moves_everything_together():
    results = {
        'gt_bboxes': np.arange(12).reshape(3, 4),
        'gt_bboxes_labels': np.array([5, 6, 7]),
        'gt_ignore_flags': np.array([False, True, False]),
        'gt_instance_tasks': object_arrays(INSTANCES),
        'gt_tasks': {'relations': [[0, 'on', 2]], 'glare': 0.5},
    }
    select_objects(results, np.array([True, False, True]))
    assert results['gt_bboxes'][:, 0].tolist() == [0, 8]
    assert results['gt_bboxes_labels'].tolist() == [5, 7]
    assert results['gt_instance_tasks']['zones'].tolist() == [2, 0]
    assert results['gt_tasks'] == {'relations': [[0, 'on', 1]], 'glare': 0.5}
