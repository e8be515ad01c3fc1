from types import SimpleNamespace

import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import InstanceData

from maxsight_mm.engine.hooks import PredictionFileHook
from maxsight_mm.evaluation.detection_files import read_detections_file
from maxsight_mm.structures import TaskSample

DATA = dict(
    images=[dict(id=0), dict(id=1)],
    categories=[dict(id=1, name='hand')],
    annotations=[],
)


def sample(image, score):
    found = InstanceData(
        bboxes=torch.tensor([[1.0, 2.0, 3.0, 4.0]]),
        scores=torch.tensor([score]),
        labels=torch.tensor([0]),
    )
    made = TaskSample(metainfo=dict(img_id=image, ori_shape=(9, 9)))
    made.pred_instances = found
    return made


def test_the_last_validation_is_what_the_file_holds(tmp_path):
    evaluator = Evaluator([])
    runner = SimpleNamespace(
        val_loop=SimpleNamespace(evaluator=evaluator), work_dir=str(tmp_path)
    )
    PredictionFileHook().before_train(runner)
    for score in (0.25, 0.75):
        evaluator.process([sample(image, score) for image in (0, 1)])
        evaluator.evaluate(2)
        found = read_detections_file(tmp_path / 'predictions.pkl', DATA, ('hand',))
        assert found[1].boxes.tolist() == [[1, 2, 3, 4]]
        assert found[0].scores.tolist() == found[1].scores.tolist() == [score]


def test_a_training_without_validation_is_left_alone():
    PredictionFileHook().before_train(SimpleNamespace(val_loop=None))


def test_another_ending_is_refused():
    with pytest.raises(ValueError, match='must end with .pkl'):
        PredictionFileHook('predictions.json')
