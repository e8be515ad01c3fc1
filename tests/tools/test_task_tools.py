"""Tools around image task classifiers, run as the command line would."""

import csv
import json

import cv2
import numpy as np
import pytest

from tests.engine.toy_tasks import toy_config, write_toy_table
from tests.tool_run import run_tool


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp('folders')
    rng = np.random.default_rng(0)
    for name, hue in (('dark', 30), ('bright', 200)):
        (root / name).mkdir()
        for index in range(6):
            image = np.clip(rng.normal(hue, 15, (20, 20, 3)), 0, 255).astype(np.uint8)
            cv2.imwrite(str(root / name / f'{index}.png'), image)
    (root / 'bright' / 'twin.png').write_bytes((root / 'bright' / '0.png').read_bytes())
    return root


def test_split_images_keeps_twins_in_one_fold(folders, tmp_path):
    out = tmp_path / 'tables' / 'folds.csv'
    run = run_tool(
        'dataset_tools/split_images.py',
        str(out),
        *('--folders', str(folders), '--task', 'light', '--folds', '3'),
    )
    assert run.returncode == 0, run.stderr
    assert '13 pictures in 3 folds, 1 pairs' in run.stdout
    with out.open() as file:
        rows = {row['path']: row for row in csv.DictReader(file)}
    for path in rows:
        assert (out.parent / path).is_file()
    bright = {p.split('/')[-1]: r['fold'] for p, r in rows.items() if 'bright' in p}
    assert bright['twin.png'] == bright['0.png']


def test_split_images_stops_at_many_broken_pictures(tmp_path):
    for name in ('a', 'b'):
        (tmp_path / name).mkdir()
        (tmp_path / name / '1.png').write_bytes(b'broken')
    run = run_tool(
        'dataset_tools/split_images.py',
        *(str(tmp_path / 'out.csv'), '--folders', str(tmp_path)),
    )
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1] == (
        'split_images: 2 of 2 pictures are unusable, more than 1%'
    )
    assert not (tmp_path / 'out.csv').exists()


@pytest.fixture(scope='module')
def config_file(tmp_path_factory):
    root = tmp_path_factory.mktemp('toy_tasks')
    write_toy_table(root)
    config = toy_config(root, root / 'work')
    config.train_cfg.val_interval = 2
    tasks = dict(light=config.train_dataloader.dataset.tasks['light'])
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.dataset.tasks = tasks
        loader.dataset.where = dict(fold=['0', '1'])
    config.model.heads.pop('pattern')
    config.test_dataloader = config.val_dataloader
    config.test_evaluator = config.val_evaluator
    config.test_cfg = dict(type='TestLoop')
    path = root / 'toy_folds.py'
    config.dump(str(path))
    return path


@pytest.mark.slow
def test_cross_validation_answers_every_picture_once(config_file, tmp_path):
    arguments = (str(config_file), '--out-dir', str(tmp_path), '--floor')
    run = run_tool('analysis_tools/cross_validate.py', *arguments)
    logs = ''.join(path.read_text()[-500:] for path in tmp_path.rglob('train.log'))
    assert run.returncode == 0, run.stderr + logs
    for name in ('seed0', 'floor'):
        content = json.loads((tmp_path / name / 'predictions.json').read_text())
        assert len({image['img_path'] for image in content['images']}) == 24
        right = [
            np.argmax(image['logits']['light']) == image['labels']['light']
            for image in content['images']
        ]
    # The floor, which sees colours; the network has made six steps.
    assert np.mean(right) > 0.9
    again = run_tool('analysis_tools/cross_validate.py', *arguments)
    assert 'fold' not in again.stdout  # nothing was trained anew


def test_cross_validation_needs_a_column_of_folds(config_file, tmp_path):
    run = run_tool(
        'analysis_tools/cross_validate.py',
        *('configs/risk/risk_resnet18.py', '--out-dir', str(tmp_path)),
    )
    assert run.returncode == 2
    assert 'a table with a column fold' in run.stderr


def options_of(config_file, *flags):
    run = run_tool('train_tasks.py', str(config_file), *flags, '--print-options')
    assert run.returncode == 0, run.stderr
    return eval(run.stdout)


def test_flags_are_options(config_file):
    flags = ('--loss-types', 'light', 'focal', '--effective-class-weights')
    options = options_of(config_file, *flags)
    assert options == {
        'model.heads.light.loss': {
            'type': 'SafetyFocalLoss',
            'alpha': 1.0,
            'class_weight': 'effective_number',
        }
    }
    options = options_of(config_file, '--adaptive-weights', '--balanced-sampling')
    assert options['optim_wrapper.type'] == 'BalancedOptimWrapper'
    assert options['optim_wrapper.balancer']['strategy'] == 'inverse_accuracy'
    assert options['train_dataloader.sampler']['task'] == 'light'
    options = options_of(config_file, '--disable-class-weights')
    assert options == {'model.heads.light.loss.class_weight': None}


@pytest.mark.parametrize(
    ('flags', 'message'),
    [
        (('--loss-types', 'sverity', 'focal'), "no task 'sverity'; tasks: light"),
        (('--loss-types', 'light', 'hinge'), "'hinge' is none of ce, bce, focal"),
        (('--loss-types', 'light'), 'pairs of TASK LOSS'),
        (('--multi-task',), 'has one task'),
        (('--weighting-strategy', 'difficulty'), 'without --adaptive-weights'),
        (('--balanced-sampling', 'x'), "--balanced-sampling: no task 'x'"),
    ],
)
def test_flags_that_do_not_fit_are_one_line(config_file, flags, message):
    run = run_tool('train_tasks.py', str(config_file), *flags)
    assert run.returncode == 2
    assert run.stderr.startswith('train_tasks: ')
    assert message in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.slow
def test_flags_train(config_file, tmp_path):
    run = run_tool(
        'train_tasks.py',
        *(str(config_file), '--work-dir', str(tmp_path), '--adaptive-weights'),
        *('--loss-types', 'light', 'bce', '--balanced-sampling'),
        *('--effective-class-weights',),
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / 'epoch_2.pth').is_file()
