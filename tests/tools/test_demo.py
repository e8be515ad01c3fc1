import importlib.util
import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = ROOT / 'tools/demo.py'
CONFIG = ROOT / 'configs/demo/street_t0.py'


def load_tool():
    spec = importlib.util.spec_from_file_location(TOOL.stem, TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


demo = load_tool()


def arguments(tmp_path, **changes):
    settings = dict(
        config=str(CONFIG),
        data_dir=str(tmp_path / 'data'),
        work_dir=str(tmp_path / 'my run'),
        quick=True,
        retrain=False,
    )
    return Namespace(**settings | changes)


@pytest.fixture
def calls(monkeypatch):
    """Tools that the demo would run, in place of running them."""
    made = []

    def call(self, stage, tool, *options, add=False):
        made.append((tool, *options))
        self.record['stages'][stage] = dict(seconds=60.0, reused=False)

    monkeypatch.setattr(demo.Demo, '_call', call)
    return made


def train_again(tmp_path, calls, **changes):
    """Options of the training that a new start of the demo runs; None if kept."""
    calls.clear()
    started = demo.Demo(arguments(tmp_path, **changes))
    started.folder.mkdir(parents=True, exist_ok=True)
    started._training()
    return calls[0][2:] if calls else None


def test_finished_training_is_kept(tmp_path, calls):
    assert train_again(tmp_path, calls) == ()
    (tmp_path / 'my run/epoch_1.pth').touch()
    assert train_again(tmp_path, calls) is None
    assert train_again(tmp_path, calls, retrain=True) == ()


def test_interrupted_training_goes_on(tmp_path, calls, monkeypatch):
    def interrupted(self, *call, add=False):
        (self.work_dir / 'last_checkpoint').write_text('epoch_1.pth')
        raise KeyboardInterrupt

    monkeypatch.setattr(demo.Demo, '_call', interrupted)
    with pytest.raises(KeyboardInterrupt):
        train_again(tmp_path, calls)
    # A checkpoint of the last epoch alone does not say that training finished.
    (tmp_path / 'my run/epoch_1.pth').touch()
    monkeypatch.undo()
    monkeypatch.setattr(
        demo.Demo, '_call', lambda self, stage, *call, add: calls.append(call)
    )
    assert train_again(tmp_path, calls) == ('--resume',)


def test_other_settings_start_anew(tmp_path, calls):
    train_again(tmp_path, calls)
    (tmp_path / 'my run/epoch_1.pth').touch()
    (tmp_path / 'my run/last_checkpoint').write_text('epoch_1.pth')
    assert train_again(tmp_path, calls, data_dir=str(tmp_path / 'other')) == ()
    assert not (tmp_path / 'my run/last_checkpoint').exists()


def test_quick_run_keeps_out_of_the_folders_of_the_whole(tmp_path):
    config = demo.demo_config(arguments(tmp_path, data_dir=None, work_dir=None))
    assert config.work_dir == 'work_dirs/street_t0_quick'
    assert config.test_dataloader.dataset.data_root == 'data/street_quick'
    for metric in config.test_evaluator:
        assert metric.outfile_prefix == 'work_dirs/street_t0_quick/evaluation/test'


def test_config_without_sizes_is_refused_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        demo.main(['--config', str(ROOT / 'configs/demo/coco_overfit_t0.py')])
    assert end.value.code == 2
    assert 'no demo settings' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('line', 'told'),
    [
        (
            'INFO - Epoch(train)  [3][ 20/125]  lr: 2.0e-03  eta: 1 day, 0:01:20  '
            'time: 0.9  grad_norm: 3.1  loss: 4.1234  loss_box: 2.0',
            'epoch 3/6, iteration 20/125, loss 4.1234, 1 day, 0:01:20 left',
        ),
        (
            'INFO - Epoch(test) [ 2/25]    eta: 0:00:15  time: 0.1',
            'test 2/25, 0:00:15 left',
        ),
        ('INFO - Epoch(val) [2][4/4]  eta: 0:00:00  ', 'val 4/4, 0:00:00 left'),
        ('train 100/2000 images, 61/s', 'train 100/2000'),
        ('INFO - Epoch(val) [2][4/4]    det/mAP: 0.0000  det/AP50: 0.0', None),
        ("    type='EpochBasedTrainLoop',", None),
    ],
)
def test_progress_is_read_from_a_log_line(line, told):
    assert demo.progress_of(line, 6) == told


def test_failed_stage_shows_the_end_of_its_log_and_its_status(tmp_path, capsys):
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data/mine.txt').touch()
    with pytest.raises(SystemExit) as end:
        demo.Demo(arguments(tmp_path))._data()
    assert end.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    log = tmp_path / 'my run/demo/data.log'
    assert 'is no synthetic set' in lines[0]
    assert lines[-1].endswith(str(log))
    assert 'is no synthetic set' in log.read_text()


@pytest.mark.slow
def test_quick_demo_leaves_a_whole_report(tmp_path):
    run = tmp_path / 'my run'
    call = (sys.executable, str(TOOL), '--quick', '--config', str(CONFIG))
    call += ('--data-dir', str(tmp_path / 'data'), '--work-dir', str(run))
    env = os.environ | {'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    done = subprocess.run(call, capture_output=True, text=True, env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert 'epoch 1/1, iteration 1/2, loss ' in done.stdout
    assert 'Config:' not in done.stdout
    assert 'Image false reassurance: ' in done.stdout
    assert done.stdout.splitlines()[-1].endswith('report.html')
    summary = json.loads((run / 'report.json').read_text())
    assert summary['missing'] == []
    assert summary['test']['det']['images'] == 4
    assert summary['training']['iterations'] == 2
    assert list(summary['timings']) == ['data', 'training', 'test']
    page = (run / 'report.html').read_text(encoding='utf-8')
    assert page.count('data:image/jpeg') == 4
    assert str(tmp_path) not in page
