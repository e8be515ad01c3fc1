import copy
import json

import numpy as np
import pytest

from maxsight_mm.evaluation.task_predictions import (
    PredictionsError,
    read_predictions,
    write_predictions,
)

IMAGE = {
    'img_path': 'a.jpg',
    'labels': {'risk': 1},
    'logits': {'risk': [0.25, -1]},
    'groups': {'site': 'A'},
}
CONTENT = {
    'version': 1,
    'model': 'abcdef012345',
    'tasks': {'risk': {'classes': ['safe', 'unsafe'], 'activation': 'softmax'}},
    'images': [IMAGE, IMAGE | {'img_path': 'b.jpg', 'labels': {}, 'groups': {}}],
}


@pytest.fixture
def write(tmp_path):
    def build(content):
        path = tmp_path / 'predictions.json'
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return build


def changed(*keys, to):
    """The content with one value changed, or taken out where ``to`` is ``...``."""
    content = copy.deepcopy(CONTENT)
    place = content
    for key in keys[:-1]:
        place = place[key]
    if to is ...:
        del place[keys[-1]]
    else:
        place[keys[-1]] = to
    return content


def test_reads_what_is_there(write):
    found = read_predictions(write(CONTENT))
    risk = found.task('risk')
    assert (found.model, len(risk)) == ('abcdef012345', 2)
    assert (risk.classes, risk.activation) == (('safe', 'unsafe'), 'softmax')
    assert risk.labels.tolist() == [1, -1]
    assert risk.logits.tolist() == [[0.25, -1], [0.25, -1]]
    assert risk.logits.dtype == np.float64
    labelled = risk.labelled()
    assert labelled.img_paths.tolist() == ['a.jpg']
    assert labelled.groups.tolist() == [{'site': 'A'}]


def test_what_is_written_reads_back(tmp_path):
    path = tmp_path / 'new' / 'predictions.json'
    write_predictions(path, CONTENT['tasks'], CONTENT['images'])
    found = read_predictions(path)
    assert found.model is None
    assert found.task('risk').labels.tolist() == [1, -1]


def test_unknown_task_names_the_known(write):
    with pytest.raises(PredictionsError, match="no task 'rsk'.*known: risk"):
        read_predictions(write(CONTENT)).task('rsk')


LABEL, LOGITS = ('images', 0, 'labels', 'risk'), ('images', 0, 'logits', 'risk')


@pytest.mark.parametrize(
    ('content', 'words'),
    [
        ('{', 'is no JSON'),
        ('[]', 'the file must be an object'),
        (changed('version', to=2), 'version 2, expected 1'),
        (changed('version', to=True), 'version must be an integer'),
        (changed('version', to=...), 'lacks version'),
        (changed('model', to=7), 'model must be a text or null'),
        (changed('tasks', to=...), 'lacks tasks'),
        (changed('tasks', to={}), 'holds no tasks'),
        (changed('images', to=[]), 'holds no images'),
        (changed('images', to={}), 'images must be a list'),
        (changed('tasks', 'risk', to=[]), 'task risk must be an object'),
        (changed('tasks', 'risk', 'classes', to=['safe']), 'two or more different'),
        (changed('tasks', 'risk', 'classes', to=['x', 'x']), 'two or more different'),
        (changed('tasks', 'risk', 'classes', to=[1, 2]), 'two or more different'),
        (changed('tasks', 'risk', 'activation', to='relu'), "got 'relu'"),
        (changed('images', 0, to=3), 'image 0 must be an object'),
        (changed('images', 0, 'img_path', to=...), 'image 0 lacks img_path'),
        (changed('images', 0, 'img_path', to='b.jpg'), 'b.jpg is there 2 times'),
        (changed('images', 0, 'groups', to=...), 'image 0 (a.jpg) lacks groups'),
        (changed('images', 0, 'groups', to={'site': 3}), 'group site must be a text'),
        (changed('images', 0, 'labels', to={'rsk': 1}), 'labels of no task: rsk'),
        (changed('images', 0, 'logits', to={'rsk': 1}), 'logits of no task: rsk'),
        (changed(*LABEL, to=2), 'label of risk must be an integer from 0 to 1, got 2'),
        (changed(*LABEL, to=-1), 'got -1'),
        (changed(*LABEL, to=True), 'got True'),
        (changed(*LABEL, to=0.0), 'got 0.0'),
        (changed(*LABEL, to=None), 'got None'),
        (changed(*LOGITS, to=...), 'logits of risk must be 2 finite numbers'),
        (changed(*LOGITS, to=[1, 2, 3]), 'must be 2 finite numbers'),
        (changed(*LOGITS, to=[1, None]), 'must be 2 finite numbers'),
        (changed(*LOGITS, to=[1, float('nan')]), 'must be 2 finite numbers'),
        (changed(*LOGITS, to=[1, 10**400]), 'must be 2 finite numbers'),
        (changed(*LOGITS, to=[1, True]), 'must be 2 finite numbers'),
    ],
)
def test_what_is_not_right_is_refused_in_one_line(write, content, words):
    path = write(content)
    with pytest.raises(PredictionsError) as refused:
        read_predictions(path)
    message = str(refused.value)
    assert words in message and str(path) in message and '\n' not in message


def test_folders_and_binary_files_are_refused(tmp_path):
    with pytest.raises(PredictionsError, match='is a folder'):
        read_predictions(tmp_path)
    binary = tmp_path / 'model.pth'
    binary.write_bytes(b'\x80\x04\xff')
    with pytest.raises(PredictionsError, match='is no text'):
        read_predictions(binary)
    with pytest.raises(FileNotFoundError):
        read_predictions(tmp_path / 'none.json')
