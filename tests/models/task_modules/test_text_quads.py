import cv2
import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from maxsight_mm.evaluation.functional.quads import quad_iou
from maxsight_mm.models.task_modules.quad_crops import quad_crops, square_to_quad
from maxsight_mm.models.task_modules.text_quads import (
    grow_quads,
    inside_quads,
    merge_quads,
    quad_areas,
    quad_heights,
    quad_overlaps,
    shrink_quads,
)


def rectangle(x0, y0, x1, y1):
    return torch.tensor([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=torch.float32)


def turned(quad, degrees):
    a = np.radians(degrees)
    turn = torch.tensor([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]).float()
    return (quad - quad.mean(0)) @ turn + quad.mean(0)


def test_area_and_height_of_a_turned_rectangle():
    quad = turned(rectangle(10, 10, 50, 20), 30)
    assert quad_areas(quad).item() == pytest.approx(400, rel=1e-5)
    assert quad_heights(quad).item() == pytest.approx(10, rel=1e-5)


def test_a_rectangle_shrinks_by_a_share_of_its_shorter_side():
    shrunk = shrink_quads(rectangle(0, 0, 40, 10), 0.3)
    assert torch.allclose(shrunk, rectangle(3, 3, 37, 7))


def test_growing_adds_a_margin_in_heights():
    grown = grow_quads(rectangle(0, 0, 40, 10), 0.2)
    assert torch.allclose(grown, rectangle(-2, -2, 42, 12))


@pytest.mark.parametrize('order', [[0, 1, 2, 3], [3, 2, 1, 0]])
def test_points_inside_agree_with_opencv_for_either_turn(order):
    quad = turned(rectangle(8, 10, 40, 22), 25)[order]
    points = torch.rand(300, 2, generator=torch.Generator().manual_seed(0)) * 48
    wanted = [
        cv2.pointPolygonTest(quad.numpy(), tuple(map(float, p)), False) >= 0
        for p in points
    ]
    assert inside_quads(quad, points).tolist() == wanted


def test_a_degenerate_quad_holds_nothing():
    assert not inside_quads(torch.zeros(4, 2), torch.zeros(3, 2)).any()


def test_overlaps_are_close_to_the_exact_ones():
    generator = torch.Generator().manual_seed(1)
    shifts = torch.rand(8, 2, generator=generator) * 12
    angles = range(-40, 40, 10)
    quads = torch.stack([turned(rectangle(0, 0, 40, 16), a) for a in angles])
    quads = quads + shifts[:, None]
    found = quad_overlaps(quads, quads)
    exact = [[quad_iou(a.numpy(), b.numpy()) for b in quads] for a in quads]
    assert torch.allclose(found, torch.tensor(exact), atol=0.06)
    assert torch.allclose(found, found.T)


def test_turned_neighbours_do_not_suppress_each_other():
    # Their enclosing boxes overlap by 0.6; they do not touch.
    line = turned(rectangle(0, 0, 100, 10), 45)
    quads = torch.stack([line, line + torch.tensor([-9.0, 9.0])])
    kept, scores = merge_quads(quads, torch.tensor([0.6, 0.9]), 0.3, 16)
    assert torch.allclose(kept, quads.flip(0)) and scores.tolist() == [
        pytest.approx(0.9),
        pytest.approx(0.6),
    ]


def test_doubles_are_averaged_by_their_scores():
    quads = torch.stack([rectangle(0, 0, 40, 10), rectangle(4, 0, 44, 10)])
    kept, scores = merge_quads(quads, torch.tensor([0.75, 0.25]), 0.3, 16)
    assert torch.allclose(kept[0], rectangle(1, 0, 41, 10)) and len(scores) == 1


def test_no_quads_stay_no_quads():
    kept, scores = merge_quads(torch.zeros(0, 4, 2), torch.zeros(0), 0.3, 16)
    assert kept.shape == (0, 4, 2) and scores.shape == (0,)


def test_the_square_goes_to_the_corners_as_opencv_has_it():
    quad = torch.tensor([[3.0, 4], [40, 9], [36, 25], [5, 18]])
    own = square_to_quad(quad[None])[0].numpy()
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    wanted = cv2.getPerspectiveTransform(square, quad.numpy())
    assert np.allclose(own / own[2, 2], wanted, atol=1e-3)


def test_an_upright_crop_is_the_picture_itself():
    image = torch.arange(20 * 30.0).reshape(1, 1, 20, 30)
    crop = quad_crops(image, rectangle(4, 6, 20, 14)[None], (8, 16))
    assert torch.allclose(crop, image[:, :, 6:14, 4:20], atol=1e-3)


def test_a_crop_beyond_the_border_is_zero_there():
    crop = quad_crops(torch.ones(1, 3, 20, 20), rectangle(-8, 4, 8, 8)[None], (4, 16))
    assert (crop[..., :7] == 0).all() and (crop[..., 9:] == 1).all()


def test_a_crossed_quad_gives_finite_pixels():
    crossed = rectangle(2, 2, 12, 8)[[0, 2, 1, 3]][None]
    for quad in (crossed, torch.zeros(1, 4, 2)):
        assert quad_crops(torch.rand(1, 3, 16, 16), quad, (8, 16)).isfinite().all()


class CountReads(TorchDispatchMode):
    """Counts the times that Python waits for one number of a tensor."""

    reads = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.reads += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def test_suppression_reads_no_number_per_quad():
    quads = torch.stack([rectangle(30 * i, 0, 30 * i + 20, 10) for i in range(9)])
    with CountReads() as count:
        kept, _ = merge_quads(quads, torch.linspace(0.9, 0.5, 9), 0.3, 16)
    assert len(kept) == 9 and count.reads == 0


def test_no_more_quads_than_asked_for_stay():
    quads = torch.stack([rectangle(30 * i, 0, 30 * i + 20, 10) for i in range(4)])
    kept, scores = merge_quads(quads, torch.tensor([0.5, 0.9, 0.7, 0.8]), 0.3, 2)
    assert torch.allclose(kept, quads[[1, 3]])
    assert scores.tolist() == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_autocast_leaves_pixels_alone(dtype):
    quads = torch.stack([rectangle(1001.7, 9, 1211.3, 30)] * 400)
    scores = torch.full((400,), 0.9)
    with torch.autocast('cpu', dtype):
        merged, _ = merge_quads(quads, scores, 0.3, 16)
    assert merged.dtype == torch.float32
    assert torch.allclose(merged[0], quads[0], atol=1e-2)
