"""A semi-supervised training of a few iterations, from the data to the dashboard."""

import json
from pathlib import Path

import pytest
from mmengine.visualization import Visualizer

from maxsight_mm.datasets.label_split import write_split
from maxsight_mm.synthetic.defects.defect_dataset import (
    DefectSetSettings,
    write_defect_set,
)
from tests.tool_run import run_tool

CONFIGS = Path(__file__).parents[2] / 'configs' / 'defects'
SHORT = [
    'train_cfg.max_iters=4',
    'train_cfg.val_interval=4',
    'default_hooks.checkpoint.interval=4',
    'default_hooks.logger.interval=1',
    'custom_hooks.0.burn_in_iters=2',
    'custom_hooks.2.interval=1',
    'custom_hooks.3.interval=1',
]


@pytest.fixture(autouse=True)
def new_visualizer():
    """One visualizer lives as long as the process, and keeps its first folder."""
    Visualizer._instance_dict.clear()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with ``data/defects``, which is the working directory."""
    root = tmp_path / 'data' / 'defects'
    write_defect_set(root, DefectSetSettings(train=20, val=2), workers=1)
    write_split(root / 'annotations' / 'instances_train.json', 10)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _train(name, *options):
    arguments = [str(CONFIGS / name), '--work-dir', 'run', '--cfg-options', *options]
    return run_tool('train.py', *arguments)


def _scalars(place) -> list[dict]:
    (path,) = place.glob('run/*/vis_data/scalars.json')
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize('name', ['demo_ours.py', 'demo_retinanet.py'])
def test_a_run_learns_watches_itself_and_draws_its_dashboard(place, name):
    result = _train(name, *SHORT)
    assert result.returncode == 0, result.stderr
    steps = [row for row in _scalars(place) if 'loss' in row]
    assert [any('unsup' in key for key in row) for row in steps] == [
        False,
        False,
        True,
        True,
    ]
    assert any('det/AP/Severe_Rust' in row for row in _scalars(place))
    watched = {path.name for path in (place / 'run' / 'ssod_monitor').iterdir()}
    assert {'class_progress.jsonl', 'pseudo_labels.jsonl', 'dashboard.png'} <= watched


@pytest.mark.slow
def test_both_teachers_are_timed_on_the_same_views(place):
    result = run_tool(
        'analysis_tools/benchmark_ssod.py',
        str(CONFIGS / 'demo_ours.py'),
        '--rounds',
        '1',
        '--out',
        'times.json',
    )
    assert result.returncode == 0, result.stderr
    report = json.loads((place / 'times.json').read_text())
    assert report['views'] == dict(sup=4, unsup_teacher=4, unsup_student=4)
    assert report['ratio'] == pytest.approx(report['own_ms'] / report['peer_ms'])


def test_without_unlabelled_pictures_one_line_says_so(place):
    path = place / 'data/defects/annotations/instances_train_unlabelled90.json'
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | dict(images=[])))
    result = _train('demo_ours.py', *SHORT)
    assert result.returncode == 2
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith('train: ') and 'unlabelled90.json' in line
    assert not (place / 'run').exists()


def test_without_the_data_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = _train('demo_seed_recipe.py', *SHORT)
    assert result.returncode == 2
    assert 'make_synthetic.py defects' in result.stderr
