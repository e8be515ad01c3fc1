import numpy as np
import pytest
import torch

from maxsight_mm.datasets.derived_labels import DERIVED, PER_OBJECT
from maxsight_mm.registry import TRANSFORMS

LOAD = {'type': 'LoadTaskAnnotations', 'with_bbox': True}
RESIZE = {'type': 'Resize', 'scale': (50, 40), 'keep_ratio': False}
PACK = {'type': 'PackTaskInputs'}


def derive(*labels):
    return {'type': 'DeriveTaskLabels', 'labels': list(labels)}


def run(results, *steps):
    for step in steps:
        results = TRANSFORMS.build(step)(results)
    return results


@pytest.fixture(autouse=True)
def functions(monkeypatch):
    made = {
        'test_width': lambda results: results['gt_bboxes'].widths.numpy(),
        'test_count': lambda results: np.array(len(results['gt_bboxes'])),
        'test_half': lambda results: np.array([0.5, np.nan]),
        'test_twice': lambda results: 2 * results['gt_tasks']['test_count'],
        'test_corners': lambda results: np.full((3, 2), np.nan),
        'test_none': lambda results: None,
        'test_short': lambda results: np.zeros(1),
        'glare': lambda results: np.array(0.0),
    }
    for name, function in made.items():
        monkeypatch.setitem(DERIVED, name, function)
    for name in ('test_width', 'test_corners', 'test_short'):
        PER_OBJECT.add(name)
    yield
    PER_OBJECT.difference_update(made)


def test_labels_of_boxes_are_packed_beside_them_in_network_pixels(results):
    packed = run(results, LOAD, RESIZE, derive('test_width'), PACK)['data_samples']
    assert packed.gt_instances.test_width.tolist() == [10, 15]
    assert packed.ignored_instances.test_width.tolist() == [4]


def test_labels_of_the_image_become_tensors_of_the_right_kind(results):
    names = ('test_count', 'test_half', 'test_none', 'test_twice')
    tasks = run(results, LOAD, derive(*names), PACK)['data_samples'].gt_tasks
    assert torch.equal(tasks.test_count, torch.tensor([3]))
    assert torch.equal(tasks.test_twice, torch.tensor([6]))
    assert tasks.test_half.dtype == torch.float32
    assert tasks.test_half.isnan().tolist() == [False, True]
    assert 'test_none' not in tasks


def test_rows_that_nobody_knows_leave_the_field_out(results):
    sample = run(results, LOAD, derive('test_corners'), PACK)['data_samples']
    assert 'test_corners' not in sample.gt_instances


def test_label_of_the_data_set_stays(results):
    assert run(results, LOAD, derive('glare'))['gt_tasks']['glare'] == 0.5


def test_wrong_length_is_found_out(results):
    with pytest.raises(ValueError, match=r'3 boxes but test_short has .* \(1,\)'):
        run(results, LOAD, derive('test_short'))


def test_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="label 'test_widht'; .*'test_width'"):
        TRANSFORMS.build(derive('test_widht'))


def test_labels_must_be_loaded(results):
    with pytest.raises(ValueError, match='put LoadTaskAnnotations before it'):
        run(results, derive('test_count'))


def test_picture_of_no_data_set_passes():
    assert run({'img': None}, derive('test_count')) == {'img': None}


@pytest.fixture
def guessed(results):
    """Object 0 has an annotated urgency, object 2 a guessed one."""
    results['classes'] = ('person', 'car', 'pole')
    results['instances'][1]['ignore_flag'] = 0
    for instance, source in zip(
        results['instances'], ('annotated', 'heuristic', 'heuristic'), strict=True
    ):
        instance.update(urgency=1, urgency_source=source, distance_m=3.0)
    return results


def test_label_made_of_a_guess_is_marked_as_one(guessed):
    names = ('haptic_pattern', 'focus_depth_m', 'concepts', 'free_path')
    tasks = run(guessed, LOAD, derive(*names), PACK)['data_samples'].gt_tasks
    marked = {'haptic_pattern', 'focus_depth_m', 'concepts'}
    assert set(tasks.metainfo['heuristic']) == marked
    assert 'free_path' in tasks


def test_labels_of_boxes_are_marked_one_by_one(guessed):
    names = ('roi_priorities', 'alerts', 'danger_alerts')
    objects = run(guessed, LOAD, derive(*names), PACK)['data_samples'].gt_instances
    for name in names:
        assert objects[f'{name}_heuristic'].tolist() == [False, True, True], name


def test_label_made_of_annotations_is_not_marked(guessed):
    for instance in guessed['instances']:
        instance.update(urgency_source='annotated', zone_source='annotated')
    step = derive('haptic_pattern', 'roi_priorities', 'concepts')
    sample = run(guessed, LOAD, step, PACK)['data_samples']
    assert 'heuristic' not in sample.gt_tasks.metainfo_keys()
    assert 'roi_priorities_heuristic' not in sample.gt_instances
