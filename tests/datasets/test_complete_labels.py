import math

import numpy as np
import pytest

from maxsight_mm.datasets import DatasetError, MaxSightCocoDataset

LABELS = ['distance_m', 'time_to_contact_s', 'zone', 'urgency', 'moving']
DERIVED = [
    'free_path',
    'head_obstacle',
    'hazard_within',
    'navigation_difficulty',
    'haptic_pattern',
]
PIPELINE = [
    {'type': 'LoadSafeImage'},
    {'type': 'LoadTaskAnnotations', 'with_bbox': True},
    {'type': 'DeriveTaskLabels', 'labels': DERIVED},
    {'type': 'PackTaskInputs'},
]


@pytest.fixture
def complete(coco):
    """The second image shows no object; all labels of all objects are there."""
    coco['info'] = {'complete_labels': LABELS}
    coco['annotations'] = coco['annotations'][:2]
    for annotation in coco['annotations']:
        annotation.update(
            distance_m=9.0, time_to_contact_s=None, zone=2, urgency=0, moving=False
        )
    coco['images'][1]['tasks'] = {'lighting': 'day'}
    return coco


def tasks_of(root, **options):
    data = MaxSightCocoDataset(
        data_root=str(root), ann_file='train.json', pipeline=PIPELINE, **options
    )
    return data[1]['data_samples'].gt_tasks


def test_empty_image_of_a_complete_file_is_free(complete, write):
    tasks = tasks_of(write(complete))
    assert tasks.free_path.tolist() == [1, 1, 1]
    assert tasks.head_obstacle.tolist() == [0]
    assert tasks.hazard_within.tolist() == [0, 0, 0, 0]
    assert tasks.navigation_difficulty.tolist() == [0]
    assert tasks.haptic_pattern.tolist() == [0]


@pytest.mark.parametrize('info', [None, {}, {'complete_labels': []}])
def test_empty_image_of_another_file_is_unlabelled(complete, write, info):
    complete['info'] = info
    assert not set(DERIVED) & set(tasks_of(write(complete)).keys())


def test_only_what_is_complete_is_labelled(complete, write):
    complete['info']['complete_labels'] = ['distance_m']
    labelled = set(DERIVED) & set(tasks_of(write(complete)).keys())
    assert labelled == {'free_path', 'head_obstacle'}


def test_image_that_lost_one_object_of_several_is_not_called_free(complete, write):
    lost = dict(complete['annotations'][0], id=98, image_id=2, bbox=[99, 99, 5, 5])
    kept = dict(complete['annotations'][0], id=99, image_id=2, bbox=[4, 4, 9, 9])
    complete['annotations'] += [lost, kept]
    tasks = tasks_of(write(complete), bad_boxes='drop')
    assert tasks.free_path.isnan().all()
    assert tasks.hazard_within.isnan().all()


@pytest.mark.parametrize('left_out', ['category', 'box', 'region'])
def test_image_whose_objects_were_left_out_is_not_called_free(
    complete, write, left_out
):
    category, options = 1, {}
    annotation = dict(complete['annotations'][0], id=99, image_id=2)
    if left_out == 'category':
        complete['categories'].append({'id': 8, 'name': 'piano'})
        category = 8
        options = dict(
            metainfo={'classes': ('person', 'car')}, extra_categories='ignore'
        )
    elif left_out == 'box':
        annotation['bbox'] = [100, 100, 5, 5]
        options = dict(bad_boxes='drop')
    else:
        annotation['iscrowd'] = 1
        del annotation['distance_m'], annotation['urgency']
    complete['annotations'].append(dict(annotation, category_id=category))
    tasks = tasks_of(write(complete), **options)
    for name in set(DERIVED) & set(tasks.keys()):
        assert not np.isfinite(tasks[name]).any(), name


def test_claim_that_the_annotations_refute_is_an_error(complete, write):
    del complete['annotations'][1]['urgency']
    with pytest.raises(DatasetError, match='names urgency, which annotation 12 lacks'):
        tasks_of(write(complete))


@pytest.mark.parametrize('names', ['distance_m', ['colour'], [['zone']], 3])
def test_claim_about_no_label_is_an_error(complete, write, names):
    complete['info']['complete_labels'] = names
    with pytest.raises(DatasetError, match='complete_labels must be a list of'):
        tasks_of(write(complete))


def test_null_is_a_contact_that_never_comes(complete, write):
    data = MaxSightCocoDataset(data_root=str(write(complete)), ann_file='train.json')
    assert data[0]['instances'][0]['time_to_contact_s'] == math.inf
