import pytest
import torch
from mmcv.ops import roi_align as mmcv_roi_align

from maxsight_mm.models.scene_graph import InstancePooler
from maxsight_mm.models.scene_graph.instance_pooler import level_of_box, roi_align

IMAGE = (64, 96)


def pyramid(channels=8, batch=2, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return tuple(
        torch.randn(
            batch, channels, 64 // s, 96 // s, generator=generator, dtype=torch.float32
        ).to(dtype)
        for s in (8, 16, 32)
    )


def some_boxes():
    return torch.tensor(
        [
            [[8.0, 8, 40, 56], [0, 0, 96, 64], [3.3, 20.7, 9.1, 61.9]],
            [[50, 10, 90, 30], [0, 0, 4, 4], [88, 56, 96, 64]],
        ]
    )


def test_pooling_equals_mmcv_on_the_finest_level():
    levels, boxes = pyramid()[:1], some_boxes()
    ours = roi_align(levels, boxes, IMAGE, size=3, sampling_ratio=2)
    index = torch.arange(2).repeat_interleave(3).float()[:, None]
    rois = torch.cat([index, boxes.flatten(0, 1)], dim=1)
    theirs = mmcv_roi_align(levels[0], rois, 3, 1 / 8, 2, 'avg', True)
    torch.testing.assert_close(ours.flatten(0, 1), theirs, atol=1e-5, rtol=1e-5)


def test_level_follows_the_side_of_the_box():
    def square(side):
        return [0.0, 0, side, side]

    boxes = torch.tensor([square(111.9), square(112.1), square(224), square(447)])
    boxes = torch.cat([boxes, torch.tensor([square(448), square(2), square(0)])])
    assert level_of_box(boxes, 3).tolist() == [0, 0, 1, 1, 2, 0, 0]
    assert level_of_box(boxes, 1).tolist() == [0] * 7


def test_each_box_is_read_from_its_own_level():
    levels = tuple(
        torch.full((1, 1, 512 // s, 512 // s), float(s)) for s in (8, 16, 32)
    )
    boxes = torch.tensor([[[0.0, 0, 50, 50], [0, 0, 300, 300], [0, 0, 500, 500]]])
    pooled = roi_align(levels, boxes, (512, 512), size=2, sampling_ratio=1)
    assert pooled.mean(dim=(2, 3, 4)).tolist() == [[8.0, 16.0, 32.0]]


def test_padded_objects_are_zero_and_change_nothing():
    torch.manual_seed(0)
    pooler = InstancePooler(8, size=3, num_classes=5)
    mask = torch.tensor([[True, True, False], [True, False, False]])
    labels = torch.tensor([[0, 4, -1], [-1, 0, 0]])
    found = pooler(pyramid(), some_boxes(), mask, IMAGE, labels)
    assert found.shape == (2, 3, 8)
    assert found[~mask].abs().sum() == 0 and found[mask].abs().sum() > 0
    alone = pooler(pyramid(), some_boxes()[:, :1], mask[:, :1], IMAGE, labels[:, :1])
    torch.testing.assert_close(found[:, :1], alone)


def test_class_and_place_tell_objects_apart():
    torch.manual_seed(0)
    pooler = InstancePooler(8, size=2, num_classes=3)
    flat = tuple(torch.ones(1, 8, 64 // s, 96 // s) for s in (8, 16, 32))
    boxes = torch.tensor([[[0.0, 0, 20, 20], [0, 0, 20, 20], [40, 40, 60, 60]]])
    labels = torch.tensor([[0, 1, 0]])
    found = pooler(flat, boxes, torch.ones(1, 3, dtype=torch.bool), IMAGE, labels)[0]
    assert not torch.allclose(found[0], found[1])
    assert not torch.allclose(found[0], found[2])


def test_no_objects_give_an_empty_answer():
    pooler = InstancePooler(8, num_classes=3)
    found = pooler(
        pyramid(),
        torch.zeros(2, 0, 4),
        torch.zeros(2, 0, dtype=torch.bool),
        IMAGE,
        torch.zeros(2, 0, dtype=torch.int64),
    )
    assert found.shape == (2, 0, 8)
    found.sum().backward()


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision_is_finite(dtype):
    pooler = InstancePooler(8, size=3)
    mask = torch.ones(2, 3, dtype=torch.bool)
    with torch.autocast('cpu', dtype=dtype):
        assert pooler(pyramid(), some_boxes(), mask, IMAGE).isfinite().all()


def test_box_without_area_is_finite():
    pooler = InstancePooler(8, size=3)
    boxes = torch.tensor([[[5.0, 5, 5, 5]], [[90, 60, 200, 100]]])
    found = pooler(pyramid(), boxes, torch.ones(2, 1, dtype=torch.bool), IMAGE)
    assert found.isfinite().all()
