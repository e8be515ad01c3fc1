import torch

from maxsight_mm.models.semi.teacher_views import TeacherViews, project_boxes
from tests.models.toy_defects import view


def test_boxes_keep_their_place_under_half_precision():
    boxes = torch.tensor([[980.6, 724.2, 1004.6, 831.0]])
    half = torch.tensor([[0.5, 0, 3], [0, 0.5, 7], [0, 0, 1]])
    way = [half.inverse(), half]
    with torch.autocast('cpu', torch.bfloat16):
        moved = project_boxes(boxes.bfloat16(), way, (2000, 2000))
        exact = project_boxes(boxes, way, (2000, 2000))
    assert moved.dtype == torch.float32
    torch.testing.assert_close(moved, boxes.bfloat16().float(), atol=1e-3, rtol=0)
    torch.testing.assert_close(exact, boxes, atol=1e-3, rtol=0)


def test_boxes_are_clipped_to_the_picture():
    moved = project_boxes(
        torch.tensor([[-5.0, 2.0, 30.0, 9.0]]), [torch.eye(3)], (8, 20)
    )
    assert moved.tolist() == [[0.0, 2.0, 20.0, 8.0]]


def test_parts_may_have_any_name_and_none_is_a_part_of_its_own():
    names = ['007', '7', 7, None, None, 'A-17', 'A-17']
    samples = [view(part_id=0) for _ in names]
    for sample, name in zip(samples, names, strict=True):
        sample.set_metainfo(dict(part_id=name, view_id=None))
    views = TeacherViews((torch.zeros(7, 1, 1, 1),), samples, [])
    ids = views.part_ids
    assert len(set(ids)) == 6
    assert ids[-1] == ids[-2]
    assert views.view_ids == [0] * 7
    samples[0].set_metainfo(dict(view_id='left'))
    samples[1].set_metainfo(dict(view_id='left'))
    assert views.view_ids[0] == views.view_ids[1] > 0
