import torch

from maxsight_mm.models.task_modules.detection_decoder import DetectionDecoder


def test_a_location_without_a_score_shifts_no_other():
    boxes = torch.tensor([[0.0, 0, 8, 8], [10, 10, 20, 20], [30, 30, 50, 50]])
    answers = dict(
        objectness=dict(scores=torch.tensor([[float('nan'), 0.9, 0.6]])),
        classification=dict(scores=torch.tensor([[[1.0, 0], [1, 0], [0, 1]]])),
        box=dict(boxes=boxes[None]),
    )
    found = DetectionDecoder()(answers, 0, (64, 64))
    torch.testing.assert_close(found.bboxes, boxes[1:])
    torch.testing.assert_close(found.scores, torch.tensor([0.9, 0.6]))
    assert found.labels.tolist() == [0, 1]
