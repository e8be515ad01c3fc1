"""Pictures of every kind in, typed answers out, and never *safe* without one."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from maxsight_mm.engine.checkpoint import CheckpointError
from maxsight_mm.inference import SafetyInferencer
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample
from tests.engine.squares import CLASSES, make_config, write_squares
from tests.models.toy_detector import build_toy


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    return write_squares(tmp_path_factory.mktemp('squares'))


@pytest.fixture(scope='module')
def checkpoint(root):
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        detector = build_toy()
    path = root / 'toy.pth'
    torch.save(dict(state_dict=detector.state_dict()), path)
    return path


@pytest.fixture
def config(root, tmp_path):
    config = make_config(root, tmp_path, 1)
    config.model.test_cfg = dict(score_thr=0.001)
    return config


@pytest.fixture
def inferencer(config, checkpoint):
    return SafetyInferencer(config, checkpoint)


def test_answers_what_the_detector_predicts(inferencer, root):
    image = cv2.imread(str(root / '3.png'))
    (answer,) = inferencer(cv2.resize(image, (128, 96)))
    inputs = torch.from_numpy(cv2.resize(cv2.resize(image, (128, 96)), (64, 64)))
    sample = TaskSample(metainfo=dict(img_shape=(64, 64), scale_factor=(0.5, 64 / 96)))
    with torch.no_grad():
        (expected,) = inferencer.detector.predict(
            inputs.permute(2, 0, 1)[None] / 255.0, [sample]
        )
    found = expected.pred_instances
    assert len(answer.boxes) == len(found) > 0
    np.testing.assert_allclose(answer.boxes, found.bboxes, atol=1e-4)
    np.testing.assert_allclose(answer.scores, found.scores, atol=1e-6)
    np.testing.assert_array_equal(answer.labels, found.labels)
    np.testing.assert_array_equal(answer.zones, found.zones)
    np.testing.assert_array_equal(answer.urgencies, found.urgencies)
    assert answer.image_urgency == int(expected.pred_tasks.urgency)
    assert answer.uncertainty == pytest.approx(float(expected.pred_tasks.uncertainty))
    assert answer.class_names == tuple(CLASSES[label] for label in answer.labels)
    assert answer.latency_ms > 0 and answer.error == ''


def test_path_array_list_and_folder_agree(inferencer, root):
    path = root / '0.png'
    by_path = inferencer(path)[0]
    by_text, by_array = inferencer([str(path), cv2.imread(str(path))])
    of_folder = inferencer(root)
    assert [answer.source for answer in of_folder] == [
        str(root / f'{index}.png') for index in range(8)
    ]
    assert by_text.source == str(path) and by_array.source == 'image 1'
    for other in (by_text, by_array, of_folder[0]):
        np.testing.assert_array_equal(by_path.boxes, other.boxes)


@pytest.mark.parametrize(
    'broken',
    [
        None,
        'nowhere.png',
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 3), np.float32),
    ],
)
def test_unreadable_picture_is_unavailable_and_never_safe(inferencer, root, broken):
    answers = inferencer([broken, root / '0.png'])
    assert answers[0].status == 'unavailable'
    assert answers[0].image_urgency is None and not answers[0].is_available
    assert answers[0].uncertainty == 1.0 and len(answers[0].boxes) == 0
    assert answers[0].error and '\n' not in answers[0].error
    assert answers[1].is_available
    inferencer.strict = True
    with pytest.raises(ValueError):
        inferencer([broken])


def test_truncated_file_is_unavailable(inferencer, root, tmp_path):
    data = (root / '0.png').read_bytes()
    (tmp_path / 'cut.png').write_bytes(data[: len(data) // 2])
    (answer,) = inferencer(tmp_path)
    assert answer.status == 'unavailable' and 'truncated' in answer.error


def test_numbers_that_are_not_finite_are_unavailable(inferencer, root):
    head = next(h for h in inferencer.detector.safety_heads if h.task == 'urgency')
    for parameter in head.parameters():
        parameter.data.fill_(float('nan'))
    (answer,) = inferencer(root / '0.png')
    assert answer.status == 'unavailable' and 'not finite' in answer.error


def test_answer_goes_through_json(inferencer, root):
    good, bad = inferencer([root / '0.png', None])
    content = json.loads(json.dumps(good.to_dict(), allow_nan=False))
    assert content['status'] == good.status
    assert len(content['zone_names']) == len(content['boxes'])
    content = json.loads(json.dumps(bad.to_dict(), allow_nan=False))
    assert content['status'] == 'unavailable' and content['image_urgency'] is None


def test_folder_without_pictures(inferencer, tmp_path):
    with pytest.raises(ValueError, match='no picture'):
        inferencer(tmp_path)


def test_wrong_type_is_a_programming_error(inferencer):
    with pytest.raises(TypeError, match='int'):
        inferencer([7])


def test_checkpoint_of_another_model(config, tmp_path):
    path = tmp_path / 'other.pth'
    torch.save(dict(state_dict=build_toy(channels=24).state_dict()), path)
    with pytest.raises(CheckpointError, match='another model'):
        SafetyInferencer(config, path)


def test_device_that_is_not_there(config, checkpoint):
    with pytest.raises(ValueError, match="device 'cuda:77' cannot be used"):
        SafetyInferencer(config, checkpoint, device='cuda:77')


def test_missing_head_is_named(config, root, tmp_path):
    del config.model.safety_heads['object_urgency']
    path = tmp_path / 'fewer.pth'
    torch.save(dict(state_dict=MODELS.build(config.model).state_dict()), path)
    with pytest.raises(ValueError, match='lacks the heads object_urgency'):
        SafetyInferencer(config, path)
