import torch
from mmengine.structures import InstanceData

from maxsight_mm.models.semi.labelled_matches import match_labelled


def _instances(boxes, labels) -> InstanceData:
    return InstanceData(
        bboxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        labels=torch.tensor(labels, dtype=torch.int64),
    )


def test_each_object_is_found_once_by_the_best_box_of_its_class():
    truth = _instances([(0, 0, 10, 10), (20, 20, 40, 40)], [0, 1])
    boxes = _instances(
        [(0, 0, 10, 9), (0, 0, 10, 10), (20, 20, 40, 40), (21, 20, 40, 40)],
        [0, 0, 0, 1],
    )
    is_true, missed = match_labelled(boxes, truth, num_classes=3)
    assert is_true.tolist() == [True, False, False, True]
    assert missed.tolist() == [0, 0, 0]


def test_a_box_takes_the_next_object_where_the_best_is_taken():
    truth = _instances([(0, 0, 10, 10), (0, 2, 10, 12)], [0, 0])
    boxes = _instances([(0, 0, 10, 10), (0, 0, 10, 10)], [0, 0])
    is_true, missed = match_labelled(boxes, truth, num_classes=1)
    assert is_true.tolist() == [True, True]
    assert missed.tolist() == [0]


def test_what_nobody_found_is_counted_by_class():
    truth = _instances([(0, 0, 10, 10), (20, 20, 40, 40)], [2, 2])
    is_true, missed = match_labelled(_instances([], []), truth, num_classes=3)
    assert is_true.tolist() == []
    assert missed.tolist() == [0, 0, 2]


def test_without_objects_every_box_is_false():
    boxes = _instances([(0, 0, 10, 10)], [1])
    is_true, missed = match_labelled(boxes, _instances([], []), num_classes=2)
    assert is_true.tolist() == [False]
    assert missed.tolist() == [0, 0]
