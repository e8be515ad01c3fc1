"""Every converter's graph answers what PyTorch answers."""

import importlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from maxsight_mm.deploy.backends import (
    coreml,
    executorch,
    ncnn,
    onnx_scores,
    openvino,
    torch_export,
    torchscript,
)
from maxsight_mm.deploy.backends.plain_graph import OUTPUT_NAMES, PlainScores
from tests.deploy.backends.spread_detector import spread_detector

SIZE = (96, 128)


@pytest.fixture(scope='module')
def detector():
    return spread_detector()


@pytest.fixture(scope='module')
def images():
    return torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope='module')
def wanted(detector, images):
    with torch.no_grad():
        outputs = PlainScores(detector)(images)
    return {n: v.numpy() for n, v in zip(OUTPUT_NAMES, outputs, strict=True)}


def check_equal(found, wanted):
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert found[name].shape == values.shape, name
        if name == 'labels':
            np.testing.assert_array_equal(found[name], values)
        else:
            # Boxes reach some hundred pixels.
            np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-5)


def test_scores_of_the_test_detector_differ_between_locations(wanted):
    """Otherwise equality would prove little."""
    assert wanted['scores'].std() > 0.01
    assert len(np.unique(wanted['labels'])) > 1


@pytest.mark.parametrize(
    ('module', 'package'),
    [
        (onnx_scores, 'onnxruntime'),
        (openvino, 'openvino'),
        (torchscript, 'torch'),
        (torch_export, 'torch'),
        pytest.param(executorch, 'executorch', marks=pytest.mark.slow),
    ],
    ids=lambda value: getattr(value, '__name__', value).rsplit('.', 1)[-1],
)
def test_converted_graph_answers_as_pytorch(
    module, package, detector, images, wanted, tmp_path
):
    pytest.importorskip(package)
    path = module.convert(detector, tmp_path / 'new', SIZE)
    assert path.parent == tmp_path / 'new'
    check_equal(module.run(path, images.numpy()), wanted)


@pytest.mark.slow
def test_compiled_package_answers_as_pytorch(detector, images, wanted, tmp_path):
    try:
        path = torch_export.convert(detector, tmp_path, SIZE, compiled=True)
    except Exception as error:
        if 'compiler' not in str(error):
            raise
        pytest.skip('needs a C++ compiler')
    check_equal(torch_export.run(path, images.numpy()), wanted)


def test_onnx_takes_any_batch_where_asked(detector, images, wanted, tmp_path):
    pytest.importorskip('onnxruntime')
    path = onnx_scores.convert(detector, tmp_path, SIZE, dynamic_batch=True)
    for count in (1, 3):
        found = onnx_scores.run(path, images.repeat(count, 1, 1, 1).numpy())
        check_equal({name: value[-1:] for name, value in found.items()}, wanted)


@pytest.mark.parametrize(
    ('module', 'packages'),
    [
        (onnx_scores, ['onnxruntime']),
        (openvino, ['openvino']),
        (torchscript, []),
        (torch_export, []),
        (coreml, ['coremltools']),
        (ncnn, ['pnnx', 'ncnn']),
        pytest.param(executorch, ['executorch'], marks=pytest.mark.slow),
    ],
    ids=lambda value: getattr(value, '__name__', '').rsplit('.', 1)[-1],
)
def test_no_artefact_holds_a_path_of_the_machine(module, packages, detector, tmp_path):
    for package in packages:
        pytest.importorskip(package)
    module.convert(detector, tmp_path, SIZE)
    traces = (str(Path(__file__).parents[3]), str(tmp_path), 'site-packages')
    for name, content in contents(tmp_path):
        for trace in (*traces, 'maxsight_mm/'):
            assert trace.encode() not in content, f'{trace} in {name}'


def contents(folder):
    """Name and bytes of every file, of an archive those of its entries."""
    for path in filter(Path.is_file, folder.rglob('*')):
        if not zipfile.is_zipfile(path):
            yield path.name, path.read_bytes()
            continue
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                yield name, archive.read(name)


def test_converting_leaves_the_detector_as_it_was(detector, tmp_path):
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    weight = detector.safety_pass.backbone.conv1.weight
    strides = weight.stride()
    torchscript.convert(detector, tmp_path, SIZE)
    assert weight.stride() == strides
    assert weight.requires_grad
    for name, value in detector.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize('half', [False, True])
def test_core_ml_package_is_read_back_with_its_outputs(detector, tmp_path, half):
    pytest.importorskip('coremltools')
    path = coreml.convert(detector, tmp_path, SIZE, half=half)
    found = coreml.inspect(path)
    assert found.inputs == {'input': (1, 3, *SIZE)}
    assert set(found.outputs) == set(OUTPUT_NAMES)
    assert found.operators['conv'] > 30
    count = sum(p.numel() for p in PlainScores(detector).parameters())
    assert found.weight_bytes / count == pytest.approx(2 if half else 4, rel=0.15)


def test_ncnn_gives_the_raw_logits_of_pytorch(detector, images, tmp_path):
    pytest.importorskip('pnnx')
    pytest.importorskip('ncnn')
    path = ncnn.convert(detector, tmp_path, SIZE)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        'raw_heads.ncnn.bin',
        'raw_heads.ncnn.param',
    ]
    found = ncnn.run(path, images.numpy())
    with torch.no_grad():
        outputs = ncnn.RawHeads(detector)(images)
    for name, value in zip(ncnn.OUTPUT_NAMES, outputs, strict=True):
        np.testing.assert_allclose(found[name], value.numpy(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize('size', [(96, 100), (0, 64), (96,)])
def test_size_that_does_not_fit_is_refused(detector, tmp_path, size):
    with pytest.raises(ValueError, match='multiples of 32'):
        torchscript.convert(detector, tmp_path, size)


@pytest.mark.parametrize(
    ('module', 'package', 'extra'),
    [
        ('onnx_scores', 'onnx', 'export'),
        ('openvino', 'openvino', 'export'),
        ('executorch', 'executorch.exir', 'edge'),
        ('coreml', 'coremltools', 'coreml'),
        ('ncnn', 'pnnx', 'edge'),
    ],
)
def test_missing_package_names_its_extra(
    module, package, extra, detector, tmp_path, monkeypatch
):
    monkeypatch.setitem(__import__('sys').modules, package, None)
    converter = importlib.import_module(f'maxsight_mm.deploy.backends.{module}')
    with pytest.raises(ImportError, match=rf'maxsight_mm\[{extra}\]'):
        converter.convert(detector, tmp_path, SIZE)
