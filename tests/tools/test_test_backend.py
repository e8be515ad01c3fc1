"""An exported folder is tested with the data and metrics of its checkpoint."""

import json
import runpy
import sys
from pathlib import Path

import mmengine
import pytest
import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader

from maxsight_mm.deploy.deployed_detector import use_deployed
from tests.deploy.toy_artefact import export_scores
from tests.engine.squares import make_config, write_squares
from tests.models.toy_detector import build_toy

pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')
TOOL = Path(__file__).parents[2] / 'tools' / 'test.py'
pytestmark = pytest.mark.filterwarnings('ignore')


@pytest.fixture(autouse=True)
def own_loaders(monkeypatch):
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())


@pytest.fixture
def place(tmp_path):
    """Data, a config, a checkpoint and its export."""
    root = write_squares(tmp_path / 'data')
    config = make_config(root, tmp_path / 'work', 1)
    config.model.test_cfg = dict(score_thr=0.002)
    config.test_evaluator = [dict(type='DetectionMetric'), dict(type='SafetyMetric')]
    config.dump(tmp_path / 'squares.py')
    detector = build_toy().eval()
    for head in detector.safety_heads:
        if head.task in ('objectness', 'classification'):
            # Scores far apart, so that rounding does not change their order.
            head.predictor.weight.data *= 30
    torch.save(dict(state_dict=detector.state_dict()), tmp_path / 'toy.pth')
    detector.decoder.score_thr = 0.002
    export_scores(detector, tmp_path / 'export')
    return tmp_path


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the tool in this process; its exit status and the last line on stderr."""

    def call(*args) -> tuple[int, str]:
        monkeypatch.setattr(sys, 'argv', ['test.py', *map(str, args)])
        code = 0
        try:
            runpy.run_path(str(TOOL), run_name='__main__')
        except SystemExit as stopped:
            code = stopped.code
        return code, capsys.readouterr().err.strip().rsplit('\n', 1)[-1]

    return call


def figures(work_dir: Path) -> dict:
    """Metrics of the only test of a work dir, without its timing."""
    (path,) = work_dir.glob('2*/*.json')
    content = json.loads(path.read_text())
    return {k: v for k, v in content.items() if '/' in k}


def test_gives_the_figures_of_the_checkpoint(place, call):
    config = place / 'squares.py'
    name = 'experiment_name'
    for run, args in (
        ('model', [place / 'toy.pth']),
        ('export', ['--backend', place / 'export']),
    ):
        options = ['--cfg-options', f'{name}={place.name}_{run}']
        options = ['--out', place / f'{run}.pkl', *options]
        code, line = call(config, *args, '--work-dir', place / run, *options)
        assert code == 0, line
    expected = figures(place / 'model')
    assert figures(place / 'export') == pytest.approx(expected, nan_ok=True, abs=1e-6)
    model, export = (mmengine.load(place / f'{run}.pkl') for run in ('model', 'export'))
    assert len(model) == len(export) == 8
    for first, second in zip(model, export, strict=True):
        first, second = first['pred_instances'], second['pred_instances']
        assert len(first['labels']) > 0
        for field in ('bboxes', 'scores', 'labels', 'zones', 'urgencies'):
            torch.testing.assert_close(
                first[field], second[field], rtol=1e-4, atol=1e-4
            )


def test_export_for_other_classes(place, call):
    path = place / 'export' / 'deploy.json'
    content = json.loads(path.read_text())
    content['classes'] = ['red', 'blue', 'green']
    path.write_text(json.dumps(content))
    code, line = call(place / 'squares.py', '--backend', place / 'export')
    assert code == 2
    assert line.startswith('test: ') and 'their order differs' in line


def test_a_resize_named_with_its_scope_is_not_done_twice(place):
    config = Config.fromfile(place / 'squares.py')
    steps = config.test_dataloader.dataset.pipeline
    for step in steps:
        if step.type == 'Resize':
            step.type = 'mmdet.Resize'
    use_deployed(config, str(place / 'export'))
    left = [step.type for step in config.test_dataloader.dataset.pipeline]
    assert left == ['LoadSafeImage', 'LoadTaskAnnotations', 'PackTaskInputs']


@pytest.mark.parametrize('option', ['model.test_cfg.score_thr=0.5', 'model=None'])
def test_an_exported_model_cannot_be_changed_by_options(place, call, option):
    args = ['--backend', place / 'export', '--cfg-options', option]
    code, line = call(place / 'squares.py', *args)
    assert code == 2 and 'an exported graph is as it is' in line


def test_folder_that_is_no_export(place, call):
    code, line = call(place / 'squares.py', '--backend', place / 'data')
    assert code == 2 and 'no exported folder' in line
    assert not (place / 'work').exists()


@pytest.mark.parametrize('args', [[], ['toy.pth', '--backend', 'export']])
def test_either_checkpoint_or_export(place, call, args):
    code, line = call(place / 'squares.py', *[str(x) for x in args])
    assert code == 2 and 'either a checkpoint or --backend' in line
