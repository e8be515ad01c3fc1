import numpy as np
import pytest
import torch
from mmdet.structures.bbox import HorizontalBoxes

from maxsight_mm.evaluation.sample_reader import (
    read_detections,
    read_image_urgency,
    read_objects,
    read_uncertainty,
    read_urgency_scores,
)

BOX = [10.0, 20.0, 30.0, 40.0]


def test_network_scale_is_divided_by_the_scale_factor(make_sample):
    sample = make_sample([(BOX, 0)], scale_factor=(2.0, 0.5), ignored=[(BOX, 0)])
    objects = read_objects(sample, 'network')
    assert objects.boxes.tolist() == [[5, 40, 15, 80]]
    assert objects.ignored_boxes.tolist() == [[5, 40, 15, 80]]


def test_original_scale_is_kept(make_sample):
    sample = make_sample([(BOX, 0)], scale_factor=(2.0, 0.5))
    assert read_objects(sample, 'original').boxes.tolist() == [BOX]


def test_image_that_was_not_resized_needs_no_factor(make_sample):
    sample = make_sample([(BOX, 0)])
    del sample['scale_factor']
    assert read_objects(sample, 'network').boxes.tolist() == [BOX]


def test_box_outside_the_image_reveals_a_wrong_scale(make_sample):
    sample = make_sample([([60, 60, 90, 90], 0)], scale_factor=(0.5, 0.5))
    with pytest.raises(ValueError, match="outside the 100 x 100 .*'network'"):
        read_objects(sample, 'network')
    assert len(read_objects(sample, 'original').boxes) == 1


def test_unlabelled_differs_from_empty(make_sample):
    assert read_objects(make_sample(), 'network') is None
    assert read_objects(make_sample([]), 'network').boxes.shape == (0, 4)
    bare = {'img_id': 1}
    assert read_objects(bare, 'network') is None
    assert read_image_urgency(bare) == -1
    assert read_urgency_scores(bare) is None
    assert read_uncertainty(bare) is None


def test_missing_levels_are_unlabelled_or_unanswered(make_sample):
    sample = make_sample([(BOX, 0)], [(BOX, 0.5, 0)])
    objects, detections = read_objects(sample, 'network'), read_detections(sample)
    assert objects.zones.tolist() == objects.urgencies.tolist() == [-1]
    assert detections.zones is None and detections.urgencies is None


def test_selection_keeps_missing_fields_missing(make_sample):
    zones = {'zones': torch.tensor([2, 1])}
    sample = make_sample(pred=[(BOX, 0.5, 0), (BOX, 0.9, 1)], pred_extra=zones)
    detections = read_detections(sample)
    kept = detections[detections.scores > 0.6]
    assert kept.zones.tolist() == [1] and kept.labels.tolist() == [1]
    assert kept.urgencies is None


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_read(make_sample, dtype):
    sample = make_sample(pred=[(BOX, 0.5, 0)])
    for name in ('bboxes', 'scores'):
        sample['pred_instances'][name] = sample['pred_instances'][name].to(dtype)
    detections = read_detections(sample)
    assert detections.boxes.tolist() == [BOX]
    assert detections.scores.dtype == np.float32


def test_box_types_of_mmdet_are_read(make_sample):
    sample = make_sample([(BOX, 0)])
    boxes = sample['gt_instances']['bboxes']
    sample['gt_instances']['bboxes'] = HorizontalBoxes(boxes)
    assert read_objects(sample, 'network').boxes.tolist() == [BOX]


@pytest.mark.parametrize('bad', [float('nan'), float('inf'), -float('inf')])
@pytest.mark.parametrize('name', ['scores', 'bboxes'])
def test_value_that_is_not_finite_names_image_and_field(make_sample, name, bad):
    sample = make_sample(pred=[(BOX, 0.5, 0)], img_id=42)
    sample['pred_instances'][name][0] = bad
    with pytest.raises(ValueError, match=rf'image 42: pred_instances\.{name}'):
        read_detections(sample)


@pytest.mark.parametrize(
    'name, value, read',
    [
        ('urgency_scores', [0.1, float('nan'), 0.2, 0.3], read_urgency_scores),
        ('urgency_scores', [0.5, 0.5], read_urgency_scores),
        ('urgency_scores', [2.0, -1.0, 0.0, 0.0], read_urgency_scores),
        ('uncertainty', [float('inf')], read_uncertainty),
        ('uncertainty', [1.5], read_uncertainty),
    ],
)
def test_bad_image_answer_is_refused(make_sample, name, value, read):
    sample = make_sample(**{name: value})
    with pytest.raises(ValueError, match=rf'image 7: pred_tasks\.{name}'):
        read(sample)


@pytest.mark.parametrize(
    'extra, message',
    [
        ({'zones': torch.tensor([3])}, r'zones: expected levels in \[0, 3\)'),
        ({'urgencies': torch.tensor([0, 1])}, r'urgencies: expected shape \(1,\)'),
        ({'scores': torch.tensor([1.5])}, r'scores: expected scores in \[0, 1\]'),
    ],
)
def test_bad_detection_field_is_refused(make_sample, extra, message):
    with pytest.raises(ValueError, match=message):
        read_detections(make_sample(pred=[(BOX, 0.5, 0)], pred_extra=extra))


def test_missing_detection_field_is_named(make_sample):
    sample = make_sample()
    del sample['pred_instances']['scores']
    with pytest.raises(ValueError, match=r'pred_instances\.scores: is missing'):
        read_detections(sample)
