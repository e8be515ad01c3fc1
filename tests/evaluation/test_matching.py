import numpy as np
import pytest

from maxsight_mm.evaluation.functional.matching import (
    HIT,
    IGNORED,
    MISS,
    match_boxes,
    match_classwise,
    pairwise_iof,
    pairwise_iou,
)

NO_BOXES = np.empty((0, 4))
NO_LABELS = np.empty(0, dtype=np.int64)
BOX = [0.0, 0.0, 10.0, 10.0]


def test_overlap_agrees_with_pycocotools():
    mask = pytest.importorskip('pycocotools.mask')
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 50, (20, 2))
    boxes = np.hstack([corner, corner + rng.uniform(1, 40, (20, 2))])
    xywh = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    for crowd, ours in ((0, pairwise_iou), (1, pairwise_iof)):
        expected = mask.iou(xywh[:8], xywh[8:], [crowd] * 12)
        np.testing.assert_allclose(ours(boxes[:8], boxes[8:]), expected, atol=1e-12)


def test_overlap_of_empty_boxes_is_zero():
    point = np.array([[5.0, 5.0, 5.0, 5.0]])
    assert pairwise_iou(point, point) == 0
    assert pairwise_iof(point, np.array([BOX])) == 0
    assert pairwise_iou(NO_BOXES, point).shape == (0, 1)


def test_highest_score_takes_the_object_whatever_its_overlap():
    boxes = np.array([BOX, [0, 0, 10, 8]])
    found_by = match_boxes(boxes, np.array([0.4, 0.9]), np.array([BOX]))
    assert found_by.tolist() == [1]


def test_each_detection_finds_one_object():
    objects = np.array([BOX, [0, 0, 10, 9]])
    assert match_boxes(np.array([BOX]), np.array([0.9]), objects).tolist() == [0, -1]


def test_overlap_equal_to_the_threshold_is_a_match():
    half = np.array([[0, 0, 10, 5.0]])
    assert match_boxes(half, np.array([0.9]), np.array([BOX]), 0.5).tolist() == [0]
    assert match_boxes(half, np.array([0.9]), np.array([BOX]), 0.51).tolist() == [-1]


def test_no_detections_or_no_objects():
    none = np.empty(0)
    assert match_boxes(NO_BOXES, none, np.array([BOX])).tolist() == [-1]
    assert match_boxes(np.array([BOX]), np.array([0.5]), NO_BOXES).size == 0


def judge(boxes, scores, labels, gt, gt_labels, crowd=None, **kwargs):
    crowd = NO_BOXES if crowd is None else np.array(crowd)
    return match_classwise(
        np.array(boxes),
        np.array(scores),
        np.array(labels),
        np.array(gt).reshape(-1, 4),
        np.array(gt_labels),
        crowd,
        np.zeros(len(crowd), dtype=np.int64),
        **kwargs,
    ).tolist()


def test_second_detection_of_an_object_is_a_false_alarm():
    assert judge([BOX, BOX], [0.3, 0.9], [0, 0], [BOX], [0]) == [MISS, HIT]


def test_wrong_class_is_a_false_alarm():
    assert judge([BOX], [0.9], [1], [BOX], [0]) == [MISS]


def test_crowd_region_swallows_any_number_of_its_class():
    crowd = [[0, 0, 100, 100]]
    outcome = judge([BOX] * 3, [0.9, 0.8, 0.7], [0, 0, 1], NO_BOXES, [], crowd)
    assert outcome == [IGNORED, IGNORED, MISS]


def test_detections_beyond_the_limit_are_ignored():
    boxes = [BOX, [20, 20, 30, 30], [50, 50, 60, 60]]
    outcome = judge(boxes, [0.1, 0.9, 0.8], [0, 0, 0], [BOX], [0], max_dets=2)
    assert outcome == [IGNORED, MISS, MISS]
