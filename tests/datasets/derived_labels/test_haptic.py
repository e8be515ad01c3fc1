import numpy as np
import pytest
import torch
from mmdet.structures.bbox import HorizontalBoxes

from maxsight_mm.datasets.derived_labels.haptic import haptic_pattern
from maxsight_mm.taxonomy.haptics import HAPTIC_PATTERNS


def sample(centres, urgencies=None, distances=None, **extra):
    boxes = [[x - 5.0, 20, x + 5, 60] for x in centres]
    tasks = {}
    if urgencies is not None:
        tasks['urgencies'] = np.array(urgencies, np.int64)
    if distances is not None:
        tasks['distances_m'] = np.array(distances, np.float32)
    return {
        'gt_bboxes': HorizontalBoxes(torch.tensor(boxes).reshape(-1, 4)),
        'gt_instance_tasks': tasks,
        'gt_tasks': {},
        'img_shape': (100, 200),
        'focal_px': 100.0,
    } | extra


def name(results):
    return HAPTIC_PATTERNS[haptic_pattern(results)[0]].name


@pytest.mark.parametrize(
    ('centre', 'side'), [(20, 'left'), (100, 'ahead'), (110, 'ahead'), (130, 'right')]
)
def test_side_is_that_of_the_most_urgent_object(centre, side):
    assert name(sample([100, centre], [1, 3], [1, 9])) == f'danger {side}'


def test_nearest_of_equals_counts_and_without_distances_the_largest():
    assert name(sample([20, 180], [2, 2], [4, 3])) == 'warning right'
    wide = sample([20, 180], [2, 2])
    wide['gt_bboxes'].tensor[0, 3] = 90
    assert name(wide) == 'warning left'


def test_bearing_follows_the_resized_image():
    # 30 px beside the middle: 5.7 degrees at 300 px of focal length, 16.7 at 100.
    assert name(sample([130], [1], scale_factor=(3.0, 3.0))) == 'caution ahead'
    assert name(sample([130], [1])) == 'caution right'


def test_without_a_focal_length_the_field_of_view_is_assumed():
    results = sample([160], [1])
    del results['focal_px']
    # 60 degrees over 200 px: 173 px of focal length, 19.1 degrees.
    assert name(results) == 'caution right'


def test_safe_objects_give_no_vibration():
    assert name(sample([20, 180], [0, 0])) == 'none'


def test_unknown_urgency_leaves_unlabelled_unless_danger_is_known():
    assert haptic_pattern(sample([20, 180], [-1, 2])) is None
    assert haptic_pattern(sample([20])) is None
    assert name(sample([20, 180], [-1, 3])) == 'danger right'


def test_ignored_objects_do_not_count():
    ignored = dict(gt_ignore_flags=np.array([True, False]))
    assert name(sample([20, 180], [1, 1], **ignored)) == 'caution right'
    assert name(sample([20, 180], [-1, 3], **ignored)) == 'danger right'


@pytest.mark.parametrize('urgency', [-1, 2])
def test_an_ignored_object_that_may_be_the_worst_leaves_unlabelled(urgency):
    ignored = dict(gt_ignore_flags=np.array([True, False]))
    assert haptic_pattern(sample([20, 180], [urgency, 1], **ignored)) is None
    alone = dict(gt_ignore_flags=np.array([True]))
    assert haptic_pattern(sample([20], [urgency], **alone)) is None


def test_empty_scene_is_labelled_only_where_it_is_said_to_be_safe():
    assert haptic_pattern(sample([])) is None
    assert name(sample([], gt_tasks={'urgency': 0})) == 'none'
