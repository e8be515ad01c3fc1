"""The tool from its arguments to its exit status, on a toy and in one process."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

pytest.importorskip('mmdeploy', reason='needs the export extra')
pytest.importorskip('onnxruntime', reason='needs the export extra')

from maxsight_mm.deploy import export_folder
from maxsight_mm.deploy.artefact import Artefact, read_artefact, write_artefact
from maxsight_mm.deploy.deployed_safety_pass import DeployedSafetyPass
from maxsight_mm.deploy.export_folder import export_safety_pass, prove_export
from maxsight_mm.inference import SafetyInferencer
from tests import tool_run
from tests.deploy.test_safety_graph import spread_detector
from tests.models.toy_detector import toy_config

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / 'configs' / 'deploy'


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Config, checkpoint and picture in a folder."""
    from mmengine.registry import DefaultScope

    folder = tmp_path_factory.mktemp('toy')
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        torch.save(dict(state_dict=spread_detector().state_dict()), folder / 'toy.pth')
    pipeline = [
        dict(type='LoadSafeImage'),
        dict(type='Resize', scale=(96, 64), keep_ratio=True),
        dict(type='PackTaskInputs'),
    ]
    dataset = dict(
        type='MaxSightCocoDataset',
        metainfo=dict(classes=('cat', 'dog', 'door')),
        pipeline=pipeline,
    )
    config = Config(
        dict(
            default_scope='maxsight_mm',
            model=toy_config(),
            test_dataloader=dict(dataset=dataset),
        )
    )
    config.model.data_preprocessor.pad_size_divisor = 32
    config.dump(folder / 'toy.py')
    picture = np.random.default_rng(0).integers(0, 255, (128, 192, 3), np.uint8)
    cv2.imwrite(str(folder / 'picture.png'), picture)
    return folder


def run_tool(folder: Path, deploy_config: str, **changed: str):
    args = dict(
        config=str(folder / 'toy.py'),
        checkpoint=str(folder / 'toy.pth'),
        image=str(folder / 'picture.png'),
    )
    out = folder / f'out_{deploy_config}'
    return tool_run.run_tool(
        'deploy.py',
        str(CONFIGS / f'{deploy_config}.py'),
        *(args | changed).values(),
        '--work-dir',
        str(out),
    )


def exported(
    trained: Path,
    name: str,
    deploy_config: str | None = None,
    config: Config | None = None,
) -> Path:
    out = trained / name
    export_safety_pass(
        Config.fromfile(CONFIGS / f'{deploy_config or name}.py'),
        config or Config.fromfile(trained / 'toy.py'),
        trained / 'toy.pth',
        trained / 'picture.png',
        out,
    )
    return out


@pytest.mark.parametrize(
    'name', ['onnxruntime_dynamic', 'openvino', 'tensorrt_fp16', 'torchscript']
)
def test_an_export_decides_as_pytorch_does(trained, name):
    if name == 'openvino':
        pytest.importorskip('openvino')
    out = exported(trained, name)
    report = prove_export(
        out,
        Config.fromfile(trained / 'toy.py'),
        trained / 'toy.pth',
        [trained / 'picture.png'],
    )
    assert report.passed, report.failures
    assert report.detections > 5
    assert json.loads((out / 'parity.json').read_text())['passed']
    described = json.loads((out / 'deploy.json').read_text())
    assert described['input_size'] == [64, 96]
    assert described['classes'] == ['cat', 'dog', 'door']
    for path in out.iterdir():
        content = path.read_bytes()
        assert str(ROOT).encode() not in content, path.name
        assert str(trained).encode() not in content, path.name


def test_a_model_named_with_its_scope_is_ours(trained):
    config = Config.fromfile(trained / 'toy.py')
    config.model.type = 'maxsight_mm.MaxSightDetector'
    config.dump(trained / 'scoped.py')
    done = run_tool(trained, 'torchscript', config=str(trained / 'scoped.py'))
    assert done.returncode == 0, done.stderr
    assert read_artefact(trained / 'out_torchscript').model_config == 'scoped'


def test_other_weights_than_those_exported_are_found_out(trained):
    out = exported(trained, 'torchscript')
    other = trained / 'other.pth'
    weights = torch.load(trained / 'toy.pth')['state_dict']
    name = 'safety_heads.heads.classification.predictor.bias'
    weights[name] = weights[name].roll(1)
    torch.save(dict(state_dict=weights), other)
    report = prove_export(
        out, Config.fromfile(trained / 'toy.py'), other, [trained / 'picture.png']
    )
    assert not report.passed


@pytest.mark.slow
def test_the_tool_writes_the_folder_and_ends_well(trained):
    done = run_tool(trained, 'onnxruntime_static')
    assert done.returncode == 0, done.stderr
    assert 'parity PASSED' in done.stdout
    names = {path.name for path in (trained / 'out_onnxruntime_static').iterdir()}
    assert names == {'deploy.json', 'end2end.onnx', 'parity.json'}


def refused(done) -> str:
    """The one line of a run that failed for its input, without what comes before."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith('deploy: ')
    return line


@pytest.mark.slow
def test_bad_input_is_one_line_and_nothing_is_written(trained, tmp_path):
    (tmp_path / 'broken.png').write_bytes(b'no picture')
    small = np.zeros((400, 12, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'small.png'), small)
    out = trained / 'out_onnxruntime_dynamic'
    for changes, message in (
        (dict(image=str(tmp_path / 'broken.png')), 'broken.png'),
        (dict(image=str(tmp_path / 'none.png')), 'does not exist'),
        (dict(image=str(tmp_path / 'small.png')), 'the graph takes 64 x 64 to'),
    ):
        line = refused(run_tool(trained, 'onnxruntime_dynamic', **changes))
        assert message in line
        assert not out.exists()
    assert 'unknown_place' in refused(run_tool(trained, 'unknown_place'))
    out.mkdir()
    (out / 'holiday.jpg').write_text('sea')
    line = refused(run_tool(trained, 'onnxruntime_dynamic'))
    assert 'holiday.jpg, which is of no export' in line
    assert [path.name for path in out.iterdir()] == ['holiday.jpg']


def test_a_broken_picture_to_compare_is_found_before_anything_is_written(
    trained, tmp_path
):
    (tmp_path / 'broken.png').write_bytes(b'no picture')
    result = tool_run.run_tool(
        'deploy.py',
        str(CONFIGS / 'torchscript.py'),
        str(trained / 'toy.py'),
        str(trained / 'toy.pth'),
        str(trained / 'picture.png'),
        '--parity-images',
        str(tmp_path),
        '--work-dir',
        str(tmp_path / 'out'),
    )
    assert result.returncode == 2
    assert 'broken.png' in result.stderr
    assert not (tmp_path / 'out').exists()


def test_a_config_without_a_model_is_one_line(trained):
    (trained / 'bare.py').write_text("default_scope = 'maxsight_mm'\n")
    line = refused(run_tool(trained, 'torchscript', config=str(trained / 'bare.py')))
    assert 'the model config has no model.type' in line


@pytest.mark.slow
def test_a_checkpoint_of_another_model_is_one_line(trained):
    from mmengine.registry import DefaultScope

    from tests.models.toy_detector import build_toy

    other = trained / 'wider.pth'
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        torch.save(dict(state_dict=build_toy(channels=24).state_dict()), other)
    before = set(trained.iterdir())
    line = refused(run_tool(trained, 'openvino', checkpoint=str(other)))
    assert line.startswith('deploy: checkpoint')
    assert 'made for another model' in line
    assert set(trained.iterdir()) == before


@pytest.mark.parametrize(('named', 'size'), [(None, (64, 96)), ((96, 128), (96, 128))])
def test_int8_takes_the_size_of_the_picture_or_the_one_named(
    trained, monkeypatch, named, size
):
    taken = []
    monkeypatch.setattr(
        export_folder,
        'quantize_safety_pass',
        lambda *args, **options: taken.append(options),
    )
    config = Config.fromfile(CONFIGS / 'onnxruntime_int8.py')
    config.input_size = named
    files = (trained / name for name in ('toy.pth', 'picture.png', 'int8'))
    export_safety_pass(config, Config.fromfile(trained / 'toy.py'), *files)
    assert taken == [dict(size=size)]


def test_an_export_of_raw_logits_names_them(trained):
    pytest.importorskip('pnnx')
    notes = read_artefact(exported(trained, 'ncnn')).notes
    assert notes['raw_logits'][0] == 'objectness'


@pytest.mark.parametrize('name', ['torchscript', 'onnxruntime_int8'])
def test_a_size_that_the_levels_cannot_have_is_refused(trained, name):
    config = Config.fromfile(CONFIGS / f'{name}.py')
    config.input_size = (100, 100)
    files = (trained / name for name in ('toy.pth', 'picture.png', 'odd'))
    with pytest.raises(ValueError, match=r'multiples of 32, got \(100, 100\)'):
        export_safety_pass(config, Config.fromfile(trained / 'toy.py'), *files)
    assert not (trained / 'odd').exists()


def test_a_backend_whose_package_is_missing_is_named(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, 'executorch', None)
    for name in [n for n in sys.modules if n.startswith('executorch.')]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ValueError, match=r'no export to executorch here.*\[edge\]'):
        exported(trained, 'executorch')
    assert not (trained / 'executorch').exists()


def test_without_mmdeploy_the_extra_is_named_and_nothing_is_written(
    trained, monkeypatch
):
    monkeypatch.setitem(sys.modules, 'mmdeploy', None)
    with pytest.raises(ValueError, match=r'no export to openvino here.*extras export'):
        exported(trained, 'openvino_static_by_name', 'openvino')
    assert not (trained / 'openvino_static_by_name').exists()


def test_a_graph_of_any_size_says_the_size_that_the_config_resizes_to(trained):
    described = read_artefact(exported(trained, 'described', 'onnxruntime_dynamic'))
    assert described.input_size == (64, 96)
    assert described.size_divisor == 32
    config = Config.fromfile(trained / 'toy.py')
    # Short edges at most 80, long ones at most 160: not what one picture becomes.
    config.test_dataloader.dataset.pipeline[1].scale = (160, 80)
    out = exported(trained, 'wider', 'onnxruntime_dynamic', config)
    assert read_artefact(out).input_size == (80, 160)
    deployed = DeployedSafetyPass(out)
    inferencer = SafetyInferencer(config, trained / 'toy.pth')
    for shape in ((120, 200, 3), (200, 100, 3)):
        picture = np.zeros(shape, np.uint8)
        ours = deployed.preparation(picture)
        theirs = inferencer.preparation(picture)
        assert ours.shape == theirs.shape
        np.testing.assert_array_equal(ours.pixels, theirs.pixels)


def test_weights_of_an_exported_graph_outside_its_folder_are_refused(trained):
    import onnx

    out = exported(trained, 'outside', 'onnxruntime_static')
    model = onnx.load(out / 'end2end.onnx')
    weight = next(item for item in model.graph.initializer if item.raw_data)
    weight.ClearField('raw_data')
    weight.data_location = onnx.TensorProto.EXTERNAL
    entry = weight.external_data.add()
    entry.key, entry.value = 'location', '../toy.pth'
    (out / 'end2end.onnx').write_bytes(model.SerializeToString())
    write_artefact(out, read_json(out))
    with pytest.raises(ValueError, match=r"'\.\./toy\.pth', which is no file"):
        prove_export(
            out,
            Config.fromfile(trained / 'toy.py'),
            trained / 'toy.pth',
            [trained / 'picture.png'],
        )


def read_json(folder: Path) -> Artefact:
    return Artefact(**json.loads((folder / 'deploy.json').read_text()))


def test_an_unknown_backend_and_a_missing_picture_are_refused(trained):
    config = Config.fromfile(CONFIGS / 'torchscript.py')
    args = Config.fromfile(trained / 'toy.py'), trained / 'toy.pth'
    with pytest.raises(FileNotFoundError, match='does not exist'):
        export_safety_pass(config, *args, trained / 'none.png', trained / 'x')
    config.backend_config.type = 'toaster'
    with pytest.raises(ValueError, match="no export to 'toaster' as scores"):
        export_safety_pass(config, *args, trained / 'picture.png', trained / 'x')
    config.kind = 'toast'
    with pytest.raises(ValueError, match="kind must be one of .* got 'toast'"):
        export_safety_pass(config, *args, trained / 'picture.png', trained / 'x')
    assert not (trained / 'x').exists()


def test_a_model_without_context_stage_is_no_whole_tier(trained):
    with pytest.raises(ValueError, match='no context stage'):
        exported(trained, 'onnxruntime_full')
    assert not (trained / 'onnxruntime_full').exists()


@pytest.mark.parametrize('path', sorted(CONFIGS.glob('*.py')), ids=lambda p: p.stem)
def test_every_deploy_config_names_an_export_that_exists(path):
    from maxsight_mm.deploy.artefact_rules import KINDS, PRECISIONS
    from maxsight_mm.deploy.converters import check_backend

    config = Config.fromfile(path)
    check_backend(config.backend_config.type, config.kind)
    assert config.kind in KINDS
    assert config.precision in PRECISIONS
    assert path.stem.startswith(config.backend_config.type)
    text = path.read_text()
    for word in ('Command:', f'configs/deploy/{path.name}', 'Hardware:', 'Result:'):
        assert word in text
