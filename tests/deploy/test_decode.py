"""The numpy decoder decides as the model's own."""

import numpy as np
import pytest
import torch

from maxsight_mm.deploy.decode import cautious_levels, class_wise_nms, decode_scores
from maxsight_mm.models.safety_heads import urgency_head
from maxsight_mm.models.task_modules.detection_decoder import DetectionDecoder

SIZE = (96, 128)
SAFE = dict(urgency=0.5, object_urgency=0.6)


def softmax(values: np.ndarray) -> np.ndarray:
    grown = np.exp(values)
    return (grown / grown.sum(axis=-1, keepdims=True)).astype(np.float32)


def random_outputs(rng, num=400, batch=1, classes=5, crowd=True) -> dict:
    """Outputs of a graph, with boxes that crowd and leave the image."""
    centres = rng.uniform(-5, 130, (batch, num, 2))
    if crowd:
        centres = centres.round(-1) + rng.normal(0, 1.5, centres.shape)
    sides = rng.uniform(8, 30, (batch, num, 2))
    boxes = np.concatenate([centres - sides / 2, centres + sides / 2], -1)
    return dict(
        scores=rng.uniform(0, 1, (batch, num)).astype(np.float32) ** 3,
        labels=rng.integers(0, classes, (batch, num)),
        boxes=boxes.astype(np.float32),
        zone_scores=softmax(rng.normal(0, 2, (batch, num, 3))),
        object_urgency_scores=softmax(rng.normal(0, 2, (batch, num, 4))),
        urgency_scores=softmax(rng.normal(0, 2, (batch, 4))),
        uncertainty=rng.uniform(0, 1, (batch, 1)).astype(np.float32),
    )


def torch_answer(outputs, index, test_cfg):
    """What DetectionDecoder makes of the same scores."""
    tensors = {name: torch.from_numpy(value) for name, value in outputs.items()}
    classes = int(outputs['labels'].max()) + 1
    one_hot = torch.nn.functional.one_hot(tensors['labels'], classes).float()
    urgency = tensors['object_urgency_scores']
    answers = dict(
        classification=dict(scores=one_hot),
        objectness=dict(scores=tensors['scores']),
        box=dict(boxes=tensors['boxes']),
        distance=dict(scores=tensors['zone_scores']),
        object_urgency=dict(
            scores=urgency,
            labels=urgency_head.cautious_levels(urgency, SAFE['object_urgency']),
        ),
    )
    return DetectionDecoder(**test_cfg)(answers, index, SIZE).numpy()


def assert_same(found, expected):
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.boxes, expected.bboxes)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.zones, expected.zones)
    np.testing.assert_array_equal(found.zone_scores, expected.zone_scores)
    np.testing.assert_array_equal(found.urgencies, expected.urgencies)
    np.testing.assert_array_equal(found.urgency_scores, expected.urgency_scores)


def settings(**changes) -> dict:
    default = dict(score_thr=0.05, nms_pre=1000, iou_threshold=0.5, max_per_img=100)
    return default | changes


@pytest.mark.parametrize(
    'test_cfg',
    [
        settings(),
        settings(nms_pre=50),
        settings(max_per_img=7),
        settings(score_thr=0.5, iou_threshold=0.2),
        settings(iou_threshold=0.9, nms_pre=399),
    ],
)
@pytest.mark.parametrize('seed', range(8))
def test_decides_as_the_model_does(test_cfg, seed):
    outputs = random_outputs(np.random.default_rng(seed), batch=2)
    for index in range(2):
        found = decode_scores(outputs, index, SIZE, test_cfg, SAFE)
        assert len(found.scores) > 5
        assert_same(found, torch_answer(outputs, index, test_cfg))


def test_many_classes_round_alike():
    # Classes are moved apart by up to 90 images, where float32 is coarse.
    rng = np.random.default_rng(3)
    outputs = random_outputs(rng, num=2000, classes=91)
    test_cfg = settings(iou_threshold=0.3, max_per_img=2000, score_thr=0.0)
    found = decode_scores(outputs, 0, SIZE, test_cfg, SAFE)
    assert_same(found, torch_answer(outputs, 0, test_cfg))


def test_nothing_above_the_threshold():
    outputs = random_outputs(np.random.default_rng(0))
    found = decode_scores(outputs, 0, SIZE, settings(score_thr=1.0), SAFE)
    assert found.boxes.shape == (0, 4) and found.zone_scores.shape == (0, 3)
    assert found.labels.dtype == found.zones.dtype == np.int64
    assert_same(found, torch_answer(outputs, 0, settings(score_thr=1.0)))


def test_score_on_the_threshold_is_no_detection():
    outputs = random_outputs(np.random.default_rng(0), num=3)
    outputs['scores'][0] = [0.05, np.nextafter(np.float32(0.05), np.float32(1)), 0]
    found = decode_scores(outputs, 0, SIZE, settings(), SAFE)
    assert len(found.scores) == 1
    assert_same(found, torch_answer(outputs, 0, settings()))


def test_equal_scores_apart_give_the_same_detections():
    rng = np.random.default_rng(1)
    outputs = random_outputs(rng, num=30)
    corners = np.stack(np.meshgrid(np.arange(6), np.arange(5)), -1).reshape(-1, 2)
    outputs['boxes'] = np.concatenate([corners * 16, corners * 16 + 12], -1)[None]
    outputs['boxes'] = outputs['boxes'].astype(np.float32)
    outputs['scores'][:] = rng.choice([0.25, 0.5], 30)
    found = decode_scores(outputs, 0, SIZE, settings(), SAFE)
    expected = torch_answer(outputs, 0, settings())
    rows = [
        sorted(map(tuple, np.column_stack(x).tolist()))
        for x in (
            (found.scores, found.labels, found.zones, found.boxes),
            (expected.scores, expected.labels, expected.zones, expected.bboxes),
        )
    ]
    assert len(rows[0]) == 30 and rows[0] == rows[1]


@pytest.mark.parametrize('seed', range(4))
def test_of_equal_scores_the_lower_location_wins(seed):
    rng = np.random.default_rng(seed)
    outputs = random_outputs(rng)
    levels = rng.choice(np.float32([0.25, 0.5, 0.75]), outputs['scores'].shape)
    outputs['scores'] = levels
    found = decode_scores(outputs, 0, SIZE, settings(), SAFE)
    # The same with the ties broken by location, which leaves torch no choice.
    broken = levels - np.arange(levels.shape[1], dtype=np.float32) * 1e-6
    expected = torch_answer(outputs | {'scores': broken}, 0, settings())
    np.testing.assert_array_equal(found.boxes, expected.bboxes)
    np.testing.assert_array_equal(found.labels, expected.labels)


def test_overlap_on_the_threshold_stays():
    boxes = np.float32([[0, 0, 10, 10], [0, 0, 10, 20], [0, 0, 10, 19]])
    labels = np.zeros(3, np.int64)
    # 10/20 is exactly 0.5, 10/19 is above.
    assert class_wise_nms(boxes, labels, 0.5).tolist() == [0, 1]
    assert class_wise_nms(boxes, np.arange(3), 0.5).tolist() == [0, 1, 2]


def test_boxes_without_area_suppress_nothing():
    boxes = np.zeros((2, 4), np.float32)
    assert class_wise_nms(boxes, np.zeros(2, np.int64), 0.5).tolist() == [0, 1]


@pytest.mark.parametrize('min_safe_score', [0.0, 0.3, 0.5, 1.0])
def test_cautious_levels_as_in_the_heads(min_safe_score):
    scores = softmax(np.random.default_rng(0).normal(0, 1.5, (2000, 4)))
    expected = urgency_head.cautious_levels(torch.from_numpy(scores), min_safe_score)
    found = cautious_levels(scores, min_safe_score)
    np.testing.assert_array_equal(found, expected.numpy())


def test_image_answers():
    outputs = random_outputs(np.random.default_rng(0), batch=2)
    outputs['urgency_scores'][1] = [0.45, 0.2, 0.3, 0.05]
    found = decode_scores(outputs, 1, SIZE, settings(), SAFE)
    # Safe is best but not sure enough.
    assert found.image_urgency == 2
    assert found.uncertainty == pytest.approx(float(outputs['uncertainty'][1, 0]))
