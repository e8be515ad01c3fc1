import hashlib
import json
import math

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import BaseDataElement

from maxsight_mm.evaluation import ImageTaskMetric
from maxsight_mm.evaluation.task_predictions import read_predictions
from maxsight_mm.structures.task_sample import TaskSample

TASKS = {'risk': ('safe', 'unsafe'), 'light': ('day', 'dusk', 'night')}


def sample(index=0, truth=None, logits=None, activation='softmax', dtype=None):
    """``truth`` and ``logits`` by task; what is not given is absent."""
    result = TaskSample()
    result.set_metainfo(
        dict(img_id=index, img_path=f'images/{index}.jpg', groups={'site': 'A'})
    )
    result.gt_tasks, result.pred_tasks = BaseDataElement(), BaseDataElement()
    for task, label in (truth or {}).items():
        setattr(result.gt_tasks, task, torch.tensor([label]))
    for task, values in (logits or {}).items():
        values = torch.tensor(values, dtype=dtype or torch.float32)
        scores = values.softmax(0) if activation == 'softmax' else values.sigmoid()
        setattr(result.pred_tasks, task, values.argmax()[None])
        setattr(result.pred_tasks, f'{task}_logits', values)
        setattr(result.pred_tasks, f'{task}_scores', scores)
    return result


def evaluate(samples, tasks=TASKS, **settings):
    evaluator = Evaluator(ImageTaskMetric(**settings))
    evaluator.dataset_meta = {'tasks': tasks}
    evaluator.process(samples)
    return evaluator.evaluate(len(samples))


def risk(index, truth, answer, **settings):
    labels = {} if truth is None else {'risk': truth}
    logits = {} if answer is None else {'risk': [1.0 - answer, float(answer)]}
    return sample(index, labels, logits, **settings)


def test_hand_worked():
    pairs = [(0, 0), (0, 1), (0, 0), (1, 1), (None, 0), (None, 1), (1, None)]
    result = evaluate([risk(i, *pair) for i, pair in enumerate(pairs)])
    own = {
        key.removeprefix('tasks/risk/'): v for key, v in result.items() if 'risk' in key
    }
    expected = {
        'accuracy': 3 / 4,
        'balanced_accuracy': (2 / 3 + 1) / 2,
        'majority_accuracy': 3 / 4,
        'macro_f1': (4 / 5 + 2 / 3) / 2,
        'recall/safe': 2 / 3,
        'recall/unsafe': 1,
        'precision/safe': 1,
        'precision/unsafe': 1 / 2,
        'images': 4,
        'unlabelled': 2,
        'unanswered': 1,
    }
    assert own == pytest.approx(expected)
    assert result['tasks/light/images'] == 0
    assert math.isnan(result['tasks/light/accuracy'])


def test_agrees_with_sklearn():
    metrics = pytest.importorskip('sklearn.metrics')
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(200, 3))
    truth = rng.integers(0, 3, 200)
    samples = [
        sample(i, {'light': t}, {'light': z.tolist()})
        for i, (t, z) in enumerate(zip(truth, logits, strict=True))
    ]
    result, answers = evaluate(samples), logits.argmax(1)
    for name, expected in {
        'accuracy': metrics.accuracy_score(truth, answers),
        'balanced_accuracy': metrics.balanced_accuracy_score(truth, answers),
        'macro_f1': metrics.f1_score(truth, answers, average='macro'),
        'recall/dusk': metrics.recall_score(truth, answers, labels=[1], average=None)[
            0
        ],
    }.items():
        assert result[f'tasks/light/{name}'] == pytest.approx(expected, abs=1e-12)


def test_one_class_leaves_the_other_undefined():
    result = evaluate([risk(0, 1, 1), risk(1, 1, 1)])
    assert result['tasks/risk/recall/unsafe'] == 1
    assert math.isnan(result['tasks/risk/recall/safe'])
    assert math.isnan(result['tasks/risk/precision/safe'])
    assert result['tasks/risk/macro_f1'] == 1


@pytest.mark.parametrize('activation', ['softmax', 'sigmoid'])
@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16, torch.float16])
def test_file_reads_back(tmp_path, activation, dtype):
    checkpoint, path = tmp_path / 'model.pth', tmp_path / 'new/predictions.json'
    checkpoint.write_bytes(b'weights')
    logits = [{'risk': [0.25, -1.5], 'light': [0.5, i, 2.0]} for i in range(3)]
    truths = [{'risk': 1}, {}, {'light': 2, 'risk': 0}]
    samples = [
        sample(i, truth, z, activation, dtype)
        for i, (truth, z) in enumerate(zip(truths, logits, strict=True))
    ]
    evaluate(samples, out_file=path, checkpoint=checkpoint)
    found = read_predictions(path)
    assert found.model == hashlib.sha256(b'weights').hexdigest()[:12]
    assert set(found.tasks) == set(TASKS)
    light = found.task('light')
    assert (light.classes, light.activation) == (TASKS['light'], activation)
    assert light.labels.tolist() == [-1, -1, 2]
    np.testing.assert_array_equal(light.logits, [z['light'] for z in logits])
    assert light.img_paths.tolist() == [f'images/{i}.jpg' for i in range(3)]
    assert light.groups.tolist() == [{'site': 'A'}] * 3
    assert found.task('risk').labels.tolist() == [1, -1, 0]


def test_file_holds_what_the_contract_names(tmp_path):
    path = tmp_path / 'predictions.json'
    evaluate([risk(0, 1, 1)], tasks={'risk': TASKS['risk']}, out_file=str(path))
    assert json.loads(path.read_text()) == {
        'version': 1,
        'model': None,
        'tasks': {'risk': {'classes': ['safe', 'unsafe'], 'activation': 'softmax'}},
        'images': [
            {
                'img_path': 'images/0.jpg',
                'labels': {'risk': 1},
                'logits': {'risk': [0.0, 1.0]},
                'groups': {'site': 'A'},
            }
        ],
    }


def test_task_without_any_answer_is_not_in_the_file(tmp_path):
    path = tmp_path / 'predictions.json'
    evaluate([risk(0, 1, 1)], out_file=path)
    assert list(read_predictions(path).tasks) == ['risk']


def test_half_answered_task_is_refused_in_a_file(tmp_path):
    samples = [risk(0, 1, 1), risk(1, 1, None)]
    with pytest.raises(ValueError, match=r"'images/1.jpg' has no answer to 'risk'"):
        evaluate(samples, out_file=tmp_path / 'predictions.json')


def test_scores_of_other_logits_are_refused(tmp_path):
    wrong = risk(0, 1, 1)
    wrong.pred_tasks.risk_scores = torch.tensor([0.1, 0.9])
    with pytest.raises(ValueError, match='neither softmax nor sigmoid'):
        evaluate([wrong], out_file=tmp_path / 'predictions.json')


def test_logits_that_are_not_finite_are_refused(tmp_path):
    wrong = risk(3, 1, 1)
    wrong.pred_tasks.risk_logits = torch.tensor([0.1, math.nan])
    with pytest.raises(ValueError, match=r'image 3: pred_tasks.risk_logits: .*finite'):
        evaluate([wrong], out_file=tmp_path / 'predictions.json')


def test_label_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match=r'image 0: gt_tasks.risk: expected levels'):
        evaluate([risk(0, 2, 1)])


@pytest.mark.parametrize('meta', [{}, {'classes': ('car',)}, {'tasks': {}}, None])
def test_data_set_without_tasks_is_refused(meta):
    metric = ImageTaskMetric()
    metric.dataset_meta = meta
    with pytest.raises(ValueError, match=r"dataset_meta\['tasks'\] names no task"):
        metric.process(None, [risk(0, 1, 1).to_dict()])


def test_no_images_give_no_figures():
    metric = ImageTaskMetric()
    metric.dataset_meta = {'tasks': TASKS}
    result = metric.compute_metrics([])
    assert result['risk/images'] == 0 and math.isnan(result['risk/accuracy'])
