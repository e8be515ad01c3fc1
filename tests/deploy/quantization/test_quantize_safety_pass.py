"""From config and checkpoint to an INT8 folder, on squares."""

import json
import sys

import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

pytest.importorskip('onnxruntime', reason='needs the export extra')

from maxsight_mm.deploy.deployed_safety_pass import DeployedSafetyPass
from maxsight_mm.deploy.quantization import quantize_safety_pass as module
from maxsight_mm.deploy.quantization.decision_error import DecisionError
from maxsight_mm.deploy.quantization.quantize_safety_pass import quantize_safety_pass
from maxsight_mm.deploy.quantization.sensitivity import Choice
from tests.engine.squares import make_config, write_squares
from tests.models.toy_detector import build_toy
from tests.tools.test_dataset_tools import load_tool

from .conftest import narrow_detector


@pytest.fixture(autouse=True)
def own_loaders(monkeypatch):
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())


@pytest.fixture
def config(tmp_path):
    config = make_config(write_squares(tmp_path / 'data'), tmp_path / 'work', 1)
    config.model.safety_pass.base_channels = 16
    config.dump(tmp_path / 'squares.py')
    detector = narrow_detector()
    for head in detector.safety_heads:
        if head.task in ('objectness', 'classification'):
            # Sure enough of something to have decisions that INT8 may change.
            torch.nn.init.constant_(head.predictor.bias, 2.0)
    torch.save(dict(state_dict=detector.state_dict()), tmp_path / 'toy.pth')
    return config


@pytest.fixture
def no_search(monkeypatch):
    """The choice given by hand; the search has tests of its own."""
    choice = Choice({}, [], ('stem',))
    monkeypatch.setattr(module, 'choose_float_stages', lambda *args: choice)


@pytest.fixture
def drawn(monkeypatch):
    """Pictures that were read, a list a reading."""
    readings = []
    prepared = module.prepared_batch

    def read(paths, preparation):
        readings.append(list(paths))
        return prepared(paths, preparation)

    monkeypatch.setattr(module, 'prepared_batch', read)
    return readings


def test_the_folder_answers_pictures_and_says_what_it_is(config, no_search, tmp_path):
    out = tmp_path / 'int8'
    artefact, choice = quantize_safety_pass(
        config, tmp_path / 'toy.pth', out, images=4, judged_images=4
    )
    assert (artefact.precision, artefact.kind) == ('int8', 'scores')
    assert artefact.input_size == (64, 64)
    assert sorted(path.name for path in out.iterdir()) == [
        'deploy.json',
        'quantization.json',
        'scores.onnx',
    ]
    report = json.loads((out / 'quantization.json').read_text())
    assert report['float_stages'] == list(choice.float_stages) == ['stem']
    assert (report['images'], report['judged_images']) == (4, 4)
    picture = np.full((64, 64, 3), 128, np.uint8)
    assert DeployedSafetyPass(out, threads=1)(picture)[0].status != 'unavailable'


def test_pictures_that_set_ranges_judge_nothing(config, no_search, drawn, tmp_path):
    quantize_safety_pass(config, tmp_path / 'toy.pth', tmp_path / 'x', images=5)
    calibrated, judged = drawn
    assert (len(calibrated), len(judged)) == (5, 3)
    assert not set(calibrated) & set(judged)


@pytest.mark.slow
def test_the_tool_measures_every_stage_and_prints_its_table(config, tmp_path, capsys):
    tool = load_tool('quantize.py')
    arguments = ['squares.py', 'toy.pth', '--out', 'int8']
    paths = [a if a.startswith('--') else str(tmp_path / a) for a in arguments]
    options = ['--images', '4', '--max-float-stages', '1']
    tool.main([*paths, *options, '--max-changed', '1'])
    printed = capsys.readouterr().out
    report = json.loads((tmp_path / 'int8' / 'quantization.json').read_text())
    assert set(report['alone']) >= {'stem', 'layer4', 'neck', 'box_head'}
    assert all(f'| {stage} alone |' in printed for stage in report['alone'])
    assert 'in float: ' in printed and ' MB -> ' in printed


@pytest.mark.slow
def test_a_graph_that_is_not_good_enough_is_written_and_ends_with_status_1(
    config, tmp_path, capsys, monkeypatch
):
    bad = DecisionError(0.1, 1.0, 0.5, 0.5, 0.5, 0.1)
    choice = Choice({}, [((), bad)], ())
    monkeypatch.setattr(module, 'choose_float_stages', lambda *args: choice)
    arguments = ['squares.py', 'toy.pth', '--out', 'int8']
    paths = [a if a.startswith('--') else str(tmp_path / a) for a in arguments]
    with pytest.raises(SystemExit) as stopped:
        load_tool('quantize.py').main([*paths, '--images', '4'])
    assert stopped.value.code == 1
    assert '50.00% changed, more than --max-changed 2.00%' in capsys.readouterr().out
    assert (tmp_path / 'int8' / 'deploy.json').is_file()
    # And what is there may be replaced, but nobody else's file.
    (tmp_path / 'int8' / 'notes.txt').write_text('mine')
    line = refused([*paths, '--images', '4'], capsys)
    assert 'notes.txt, which is of no export' in line


def refused(arguments, capsys):
    """The one line the tool ends with."""
    with pytest.raises(SystemExit) as stopped:
        load_tool('quantize.py').main(list(map(str, arguments)))
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


@pytest.mark.parametrize(
    ('more', 'words'),
    [
        (['--images', '8'], 'leave none to judge by'),
        (['--images', '0'], 'at least 1 picture'),
        (['--max-float-stages', '-1'], 'must be 0 or more, got -1'),
        (['--size', '60', '64', '--images', '4'], 'multiples of 32'),
        (['--cfg-options', 'train_dataloader.dataset.ann_file=none.json'], 'none.json'),
    ],
)
def test_wrong_input_ends_in_one_line(config, tmp_path, capsys, more, words):
    line = refused(
        [tmp_path / 'squares.py', tmp_path / 'toy.pth', '--out', tmp_path / 'x', *more],
        capsys,
    )
    assert line.startswith('quantize: ') and words in line
    assert not (tmp_path / 'x').exists()


def test_a_missing_package_ends_in_one_line(config, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'nncf', None)
    options = ['--backend', 'openvino', '--images', '4']
    line = refused(
        [tmp_path / 'squares.py', tmp_path / 'toy.pth', '--out', tmp_path / 'x']
        + options,
        capsys,
    )
    assert 'nncf is not installed: pip install "maxsight_mm[export]"' in line
    assert not (tmp_path / 'x').exists()


def test_a_checkpoint_of_another_model_ends_in_one_line(config, tmp_path, capsys):
    torch.save(dict(state_dict=build_toy().state_dict()), tmp_path / 'wide.pth')
    line = refused(
        [tmp_path / 'squares.py', tmp_path / 'wide.pth', '--out', tmp_path / 'x'],
        capsys,
    )
    assert 'made for another model' in line


def test_an_unknown_backend_is_refused(config, tmp_path):
    with pytest.raises(ValueError, match="no INT8 for 'toaster': one of onnxruntime"):
        quantize_safety_pass(config, tmp_path / 'toy.pth', tmp_path / 'x', 'toaster')
