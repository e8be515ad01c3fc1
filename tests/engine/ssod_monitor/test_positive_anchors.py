import math
from types import SimpleNamespace

import pytest
import torch
from mmdet.models.task_modules.assigners import MaxIoUAssigner
from mmdet.models.task_modules.prior_generators import AnchorGenerator
from mmdet.structures.bbox import HorizontalBoxes, bbox_overlaps

from maxsight_mm.engine.ssod_monitor import assigns_anchors, positive_anchors
from tests.models.toy_defects import build_teacher, dense_config, two_stage_config, view


def rpn_head(aspects_wh=(0.5, 2.0), border=-1):
    return SimpleNamespace(
        prior_generator=AnchorGenerator(
            strides=[8, 16], ratios=[1 / each for each in aspects_wh], scales=[2]
        ),
        assigner=MaxIoUAssigner(0.7, 0.3, min_pos_iou=0.3),
        train_cfg=dict(allowed_border=border),
    )


def box_on_anchor(aspect_wh, centre, side=16.0):
    width, height = side * math.sqrt(aspect_wh), side / math.sqrt(aspect_wh)
    x, y = centre
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def test_a_box_on_an_anchor_makes_that_one_positive():
    box = box_on_anchor(0.5, (24, 24))
    found = positive_anchors(rpn_head(), view(boxes=[box], labels=[3]))
    assert found == {'0.50': [1, 0], '2.00': [0, 0]}


def test_counts_are_those_of_the_overlaps():
    boxes = torch.tensor([(4.0, 4.0, 20.0, 30.0), (10.0, 30.0, 60.0, 55.0)])
    head = rpn_head(aspects_wh=(0.5, 1.0, 2.0))
    sample = view(boxes=boxes.tolist(), labels=[0, 1])
    head.assigner = MaxIoUAssigner(0.4, 0.4, match_low_quality=False)
    found = positive_anchors(head, sample)
    levels = head.prior_generator.grid_priors([(8, 8), (4, 4)], device='cpu')
    for index, anchors in enumerate(levels):
        best = bbox_overlaps(anchors, boxes).amax(dim=1).view(-1, 3) >= 0.4
        for column, name in enumerate(('0.50', '1.00', '2.00')):
            assert found[name][index] == int(best[:, column].sum())
    assert sum(map(sum, found.values())) > 0


def test_padding_and_border_decide_which_anchors_exist():
    # 40 pixels, padded to 64: centres at 48 and 56 exist, unless a border forbids
    sample = view(boxes=[box_on_anchor(0.5, (40, 40))], labels=[0])
    sample.set_metainfo(dict(img_shape=(40, 40)))
    assert positive_anchors(rpn_head(), sample, pad_divisor=32)['0.50'][0] == 1
    inner = positive_anchors(rpn_head(border=0), sample, pad_divisor=32)
    assert inner['0.50'][0] == 0


def test_a_picture_without_boxes_has_no_positive_anchor():
    assert positive_anchors(rpn_head(), view()) == {'0.50': [0, 0], '2.00': [0, 0]}


def test_boxes_may_be_of_a_box_type():
    sample = view(boxes=[box_on_anchor(2.0, (24, 24))], labels=[0])
    sample.gt_instances.bboxes = HorizontalBoxes(sample.gt_instances.bboxes)
    assert positive_anchors(rpn_head(), sample)['2.00'] == [1, 0]


def test_the_heads_own_targets_agree():
    """As many as the RPN's targets have, where its sampler keeps all of them."""
    head = build_teacher(two_stage_config()).student.rpn_head
    sample = view(boxes=[(8, 8, 40, 48), (30, 5, 60, 25)], labels=[0, 1])
    found = positive_anchors(head, sample, 32)
    sizes = [(16, 16), (8, 8), (4, 4), (2, 2)]
    anchors, valid = head.get_anchors(sizes, [sample.metainfo], device='cpu')
    truth = sample.gt_instances.clone()
    truth.labels = torch.zeros_like(truth.labels)
    labels, *_ = head.get_targets(anchors, valid, [truth], [sample.metainfo])
    positive = [int((each == 0).sum()) for each in labels]
    assert [sum(level) for level in zip(*found.values(), strict=True)] == positive
    assert sum(positive) > 0


@pytest.mark.parametrize(('config', 'head'), [(dense_config, 'bbox_head')])
def test_a_head_without_anchors_is_known(config, head):
    assert not assigns_anchors(getattr(build_teacher(config()).student, head))
    assert not assigns_anchors(None)
    assert assigns_anchors(rpn_head())
