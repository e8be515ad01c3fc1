import pytest
import torch
from mmcv.ops import batched_nms

from maxsight_mm.deploy.class_wise_nms import class_wise_nms, padded_topk


def random_candidates(seed: int, count: int = 200):
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(2, count, 2, generator=generator) * 60
    sides = torch.rand(2, count, 2, generator=generator) * 60
    scores = torch.rand(2, count, generator=generator)
    labels = torch.randint(0, 3, (2, count), generator=generator)
    return torch.cat([corners, corners + sides], dim=-1), scores, labels


@pytest.mark.parametrize('seed', range(5))
def test_keeps_what_mmcv_keeps(seed):
    boxes, scores, labels = random_candidates(seed)
    found, kept = class_wise_nms(boxes, scores, labels, 0.5, 180)
    for image in range(2):
        _, wanted = batched_nms(
            boxes[image],
            scores[image],
            labels[image],
            dict(type='nms', iou_threshold=0.5),
        )
        count = int((found[image] > 0).sum())
        assert 20 < count < 180
        assert kept[image, :count].tolist() == wanted.tolist()
        torch.testing.assert_close(found[image, :count], scores[image][wanted])


def test_stops_at_the_most_boxes_and_takes_the_best():
    boxes, scores, labels = random_candidates(0)
    all_scores, _ = class_wise_nms(boxes, scores, labels, 0.5, 150)
    ten, _ = class_wise_nms(boxes, scores, labels, 0.5, 10)
    torch.testing.assert_close(ten, all_scores[:, :10])


def test_candidates_of_score_zero_are_none_and_do_not_move_the_classes():
    boxes, scores, labels = random_candidates(1)
    wanted, places = class_wise_nms(boxes, scores, labels, 0.5, 50)
    far = torch.full((2, 1, 4), 1e7)
    more = torch.cat([boxes, far], dim=1)
    zero = torch.cat([scores, torch.zeros(2, 1)], dim=1)
    found, kept = class_wise_nms(
        more, zero, torch.cat([labels, labels[:, :1]], dim=1), 0.5, 50
    )
    assert torch.equal(found, wanted)
    assert torch.equal(kept, places)


def test_nothing_found_is_all_padding():
    boxes, _, labels = random_candidates(0)
    found, kept = class_wise_nms(boxes, torch.zeros(2, 200), labels, 0.5, 5)
    assert not found.any()
    assert not kept.any()


def test_topk_pads_a_row_that_is_too_short():
    values, places = padded_topk(torch.tensor([[0.2, 0.0, 0.7]]), 5)
    torch.testing.assert_close(values, torch.tensor([[0.7, 0.2, 0.0, 0.0, 0.0]]))
    assert places.tolist() == [[2, 0, 0, 0, 0]]
