import numpy as np
import pytest
import torch
from mmdet.models.task_modules.prior_generators import AnchorGenerator
from mmdet.structures.bbox import bbox_overlaps

from maxsight_mm.datasets.anchor_overlap import (
    AnchorLevel,
    best_aspect_iou,
    best_centred_iou,
    best_grid_iou,
    centred_iou,
    level_shapes,
)

RECIPE_HW = [0.2, 0.35, 0.45, 0.55, 0.65, 1.0, 2.0]
NARROW_HW = [1.54, 1.82, 2.22, 2.86]


def boxes_of(aspects, area=900.0):
    root = np.sqrt(np.asarray(aspects))
    return np.stack([root, 1 / root], axis=1) * np.sqrt(area)


def aspects_of(ratios_hw):
    return [1 / ratio for ratio in ratios_hw]


def test_recipe_ratios_leave_narrow_boxes_uncovered():
    # Centred, same area; sqrt(.34 * 2) = .8246 and .8246 / (2 - .8246) = .70.
    found = best_aspect_iou(boxes_of([0.34, 0.45, 0.51, 0.61]), aspects_of(RECIPE_HW))
    assert found.round(2).tolist() == [0.70, 0.90, 0.98, 0.83]


def test_inverted_ratios_cover_narrow_boxes():
    boxes = boxes_of([0.34, 0.45, 0.51, 0.61])
    alone = best_aspect_iou(boxes, aspects_of(NARROW_HW))
    assert alone.round(2).tolist() == [0.97, 1.0, 0.93, 0.94]
    # 2.0 (width / height 0.5) fits 0.51 better than 1.82 does, and nothing else.
    kept = best_aspect_iou(boxes, aspects_of([*NARROW_HW, 2.0]))
    assert kept.round(2).tolist() == [0.97, 1.0, 0.98, 0.94]


def test_centred_iou_by_hand():
    boxes, shapes = np.array([[2.0, 4.0]]), np.array([[4.0, 2.0], [2.0, 4.0], [1, 1]])
    assert centred_iou(boxes, shapes)[0] == pytest.approx([4 / 12, 1.0, 1 / 8])


def test_best_of_no_boxes_or_no_shapes():
    assert best_centred_iou(np.empty((0, 2)), np.ones((3, 2))).shape == (0,)
    assert best_centred_iou(np.ones((2, 2)), np.empty((0, 2))).tolist() == [0, 0]


@pytest.mark.parametrize('center_offset', [0.0, 0.5])
def test_grid_iou_is_the_best_of_every_laid_out_anchor(center_offset):
    generator = AnchorGenerator(
        strides=[8, 16, 32],
        ratios=[0.5, 1.0, 2.0],
        scales=[2, 3],
        center_offset=center_offset,
    )
    rng = np.random.default_rng(0)
    size_wh = np.array([100, 70])
    corner = rng.uniform(0, 1, (60, 2)) * (size_wh - 5)
    corner[0] = 0
    far = np.minimum(corner + rng.uniform(3, 60, (60, 2)), size_wh)
    boxes = np.concatenate([corner, far], axis=1)
    maps = [(int(np.ceil(70 / s)), int(np.ceil(100 / s))) for s in (8, 16, 32)]
    laid_out = torch.cat(generator.grid_priors(maps, device='cpu'))
    expected = bbox_overlaps(torch.tensor(boxes).float(), laid_out).max(1).values
    levels = [
        AnchorLevel(anchors.numpy(), stride)
        for anchors, stride in zip(
            generator.base_anchors, generator.strides, strict=True
        )
    ]
    found = best_grid_iou(boxes, np.tile(size_wh, (60, 1)), levels)
    assert found == pytest.approx(expected.numpy(), abs=1e-5)
    shapes = level_shapes(levels)
    assert (found <= best_centred_iou(boxes[:, 2:] - boxes[:, :2], shapes) + 1e-5).all()
