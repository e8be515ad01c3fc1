"""The command that decides, on a model trained for seconds."""

import io
import json

import cv2
import numpy as np
import pytest
from mmengine.runner import Runner

from maxsight_mm.engine.file_mark import file_mark
from tests.engine.toy_tasks import toy_config, write_toy_table
from tests.tool_run import run_tool


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Folder with pictures, and a work dir with weights and their config."""
    root = tmp_path_factory.mktemp('trained')
    write_toy_table(root)
    work_dir = root / 'work'
    config = toy_config(root, work_dir, **{'train_cfg.max_epochs': 10})
    config.train_cfg.val_interval = 10
    config.default_hooks.checkpoint.interval = 10
    config.test_dataloader = config.val_dataloader
    config.test_evaluator = config.val_evaluator
    config.test_cfg = dict(type='TestLoop')
    Runner.from_cfg(config).train()
    for path in work_dir.glob('*.py'):
        path.unlink()
    config.dump(str(work_dir / 'toy.py'))
    return root


def classify(root, *arguments):
    weights = root / 'work' / 'epoch_10.pth'
    return run_tool('classify.py', '--weights', str(weights), *map(str, arguments))


LIGHT = ('--task', 'light', '--unsafe', 'bright')


def test_pictures_are_decided(trained):
    images = (trained / '0.png', trained / '20.png')
    run = classify(trained, '--image', *images, *LIGHT, '--json')
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [each['outcome'] for each in found] == ['unsafe', 'safe']
    assert found[0]['model'] == file_mark(trained / 'work' / 'epoch_10.pth')
    assert run.stderr.endswith(
        '2 pictures: 1 safe, 1 unsafe, 0 review, 0 unavailable\n'
    )


def test_what_cannot_be_read_is_for_a_human_and_stops_nothing(trained, tmp_path):
    picture = (trained / '20.png').read_bytes()
    for name, data in (
        ('a', picture),
        ('b', b''),
        ('c', picture[:200]),
        ('d', picture),
    ):
        (tmp_path / f'{name}.png').write_bytes(data)
    log = tmp_path / 'log' / 'decisions.jsonl'
    arguments = ('--image', tmp_path, tmp_path / 'none.jpg', *LIGHT, '--log', log)
    run = classify(trained, *arguments)
    assert run.returncode == 1
    outcomes = [line.split()[0] for line in run.stdout.splitlines()]
    assert outcomes == ['safe', 'review', 'review', 'safe', 'review']
    assert 'none.jpg: cannot be read' in run.stdout
    assert len(log.read_text().splitlines()) == 5


def test_paths_come_from_standard_input_and_patterns(trained, monkeypatch):
    monkeypatch.setattr('sys.stdin', io.StringIO(f'{trained}/1.png\n\n'))
    arguments = ('--image', '-', trained / '2[01].png', *LIGHT, '--batch-size', 2)
    run = classify(trained, *arguments)
    assert run.returncode == 0, run.stderr
    names = [line.split()[2].rsplit('/', 1)[1] for line in run.stdout.splitlines()]
    assert names == ['1.png', '20.png', '21.png']


def decision_file(path, weights, **changes):
    content = dict(
        version=1,
        task='light',
        classes=['dark', 'bright'],
        unsafe=['bright'],
        activation='softmax',
        temperature=1.0,
        threshold=0.5,
        review=dict(low=0.0, high=1.0),
        model=file_mark(weights),
    )
    path.write_text(json.dumps(content | changes))
    return path


def test_a_decision_file_rules(trained, tmp_path):
    weights = trained / 'work' / 'epoch_10.pth'
    path = decision_file(tmp_path / 'decision.json', weights)
    arguments = ('--image', trained / '0.png', trained / '20.png', '--decision', path)
    run = classify(trained, *arguments)
    assert [line.split()[0] for line in run.stdout.splitlines()] == ['review'] * 2
    run = classify(trained, *arguments, '--review', 0.5, 0.5)
    assert [line.split()[0] for line in run.stdout.splitlines()] == ['unsafe', 'safe']


def test_a_decision_file_of_other_weights_is_refused(trained, tmp_path):
    weights = trained / 'work' / 'epoch_10.pth'
    path = decision_file(tmp_path / 'decision.json', weights, model='0' * 12)
    run = classify(trained, '--image', trained, '--decision', path)
    assert run.returncode == 2
    assert 'thresholds of one model say nothing of another' in run.stderr
    assert not run.stdout


def test_drift_is_said(trained, tmp_path):
    weights = trained / 'work' / 'epoch_10.pth'
    histogram = dict(edges=[0, 0.5, 1], counts=[50, 950])
    path = decision_file(tmp_path / 'decision.json', weights, score_histogram=histogram)
    for index in range(200):
        image = np.full((24, 24, 3), 20 + index % 20, np.uint8)
        cv2.imwrite(str(tmp_path / f'{index:03}.png'), image)
    run = classify(trained, '--image', tmp_path, '--decision', path)
    assert 'the scores have drifted' in run.stderr


def test_too_few_reference_scores_stop_nothing(trained, tmp_path):
    weights = trained / 'work' / 'epoch_10.pth'
    histogram = dict(edges=[0, 0.5, 1], counts=[2, 1])
    path = decision_file(tmp_path / 'decision.json', weights, score_histogram=histogram)
    run = classify(trained, '--image', trained / '0.png', '--decision', path)
    assert run.returncode == 0
    assert 'no watch over drift: 3 reference scores are too few' in run.stderr
    assert len(run.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (('--image', 'x.png'), '--task must be one of light, pattern'),
        (('--image', 'x.png', '--task', 'light'), 'unsafe must name some'),
        (('--image', 'x.png', *LIGHT, '--threshold', '2'), 'threshold must be in'),
        (('--image', 'x.png', *LIGHT, '--review', '.6', '.1'), 'review must be'),
        (('--image', 'x.png', *LIGHT, '--review-budget', '0'), 'max_share must'),
        (('--image', 'x*.png', *LIGHT), 'no file fits this pattern'),
        (('--image', 'x.png', *LIGHT, '--decision', 'none.json'), '--task and'),
        (('--image', 'x.png', '--decision', 'none.json'), 'none.json'),
    ],
)
def test_bad_arguments_are_one_line(trained, arguments, message):
    run = classify(trained, *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not run.stdout


def test_a_folder_without_a_config_is_said(trained, tmp_path):
    run = run_tool('classify.py', '--weights', str(tmp_path / 'x.pth'), '--image', 'a')
    assert run.returncode == 2
    assert 'holds 0 configs; give one with --config' in run.stderr
