import math

import pytest

from maxsight_mm.engine.ssod_monitor import (
    class_average_precision,
    efficiency,
    labelled_shares,
    overall_average_precision,
)


class Boxes:
    def __init__(self, *images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def get_data_info(self, index):
        boxes = [dict(bbox_label=label) for label in self.images[index]]
        return dict(instances=boxes)


class Wrapper:
    def __init__(self, **parts):
        self.__dict__.update(parts)


def test_keys_of_both_metrics_are_read():
    ours = {'det/mAP': 0.2, 'det/AP/Rust': 0.1, 'det/AP50/Rust': 0.3}
    assert class_average_precision(ours, ['Rust']) == {'Rust': dict(AP=0.1, AP50=0.3)}
    assert overall_average_precision(ours) == 0.2
    coco = {'coco/bbox_mAP': 0.2, 'coco/Severe_Rust_precision': 0.1}
    found = class_average_precision(coco, ['Severe_Rust', 'Rust'])
    assert found['Severe_Rust']['AP'] == 0.1
    assert math.isnan(found['Severe_Rust']['AP50'])
    # the end of another class's name is not this class
    assert math.isnan(found['Rust']['AP'])
    assert overall_average_precision(coco) == 0.2


def test_of_teacher_and_student_the_teacher_counts():
    metrics = {'student/det/AP/Rust': 0.1, 'teacher/det/AP/Rust': 0.2}
    assert class_average_precision(metrics, ['Rust'])['Rust']['AP'] == 0.2


@pytest.mark.parametrize(
    ('average_precision', 'share', 'expected'),
    [(0.006, 0.276, 0.02), (0.032, 0.192, 0.17), (0.252, 0.162, 1.56)],
)
def test_efficiency_is_precision_per_share(average_precision, share, expected):
    assert efficiency(average_precision, share) == pytest.approx(expected, abs=0.005)


def test_efficiency_of_a_class_without_boxes_is_unknown():
    assert math.isnan(efficiency(0.1, 0.0))
    assert math.isnan(efficiency(0.1, math.nan))


def test_shares_are_counted_in_the_labelled_data_set_behind_wrappers():
    labelled = Wrapper(dataset=Boxes([0, 0, 2], [], [2]))
    both = Wrapper(datasets=[labelled, Boxes([1] * 9)], get_data_info=None)
    assert labelled_shares(both, 3) == [0.5, 0.0, 0.5]


def test_shares_are_unknown_without_boxes_or_without_a_way_to_read_them():
    assert labelled_shares(Boxes([]), 3) is None
    assert labelled_shares([1, 2], 3) is None


def test_ignored_boxes_do_not_count():
    boxes = Boxes([0])
    boxes.get_data_info = lambda index: dict(
        instances=[dict(bbox_label=0), dict(bbox_label=1, ignore_flag=1)]
    )
    assert labelled_shares(boxes, 2) == [1.0, 0.0]
