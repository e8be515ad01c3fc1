"""What is known of TensorRT where there is none: its limits, and clear words."""

import sys

import pytest

pytest.importorskip('onnx', reason='needs the export extra')

from onnx import TensorProto, helper

from maxsight_mm.deploy.artefact import write_artefact
from maxsight_mm.deploy.tensorrt_engine import TensorRtSession, build_engine
from maxsight_mm.deploy.tensorrt_limits import check_for_tensorrt
from tests.deploy.toy_artefact import describe
from tests.tool_run import run_tool
from tools.deploy import tensorrt_steps


def write_graph(path, node, k: int | None = None, kind: int = TensorProto.FLOAT):
    value = helper.make_tensor_value_info('x', kind, [1, 8000])
    outputs = [helper.make_tensor_value_info(n, kind, None) for n in node.output[:1]]
    inputs, constants = [value], []
    if k is not None:
        constants.append(helper.make_tensor('k', TensorProto.INT64, [1], [k]))
    else:
        inputs.append(helper.make_tensor_value_info('k', TensorProto.INT64, [1]))
    last = helper.make_node('Identity', [node.output[0]], ['end'])
    outputs = [helper.make_tensor_value_info('end', kind, None)]
    graph = helper.make_graph([node, last], 'g', inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    path.write_bytes(model.SerializeToString())
    return path


def topk():
    return helper.make_node('TopK', ['x', 'k'], ['best', 'places'], name='top')


def test_a_small_constant_k_passes(tmp_path):
    check_for_tensorrt(write_graph(tmp_path / 'a.onnx', topk(), 3839))


@pytest.mark.parametrize('k, message', [(3840, 'has 3840'), (None, 'constant K')])
def test_a_large_or_unknown_k_is_refused(tmp_path, k, message):
    with pytest.raises(ValueError, match=message):
        check_for_tensorrt(write_graph(tmp_path / 'a.onnx', topk(), k))


def test_an_unknown_operator_and_float64_are_refused(tmp_path):
    node = helper.make_node('Unique', ['x'], ['y'])
    with pytest.raises(ValueError, match='does not know Unique'):
        check_for_tensorrt(write_graph(tmp_path / 'a.onnx', node, 1))
    node = helper.make_node('Abs', ['x'], ['y'])
    with pytest.raises(ValueError, match='no float64, which y'):
        check_for_tensorrt(
            write_graph(tmp_path / 'b.onnx', node, 1, TensorProto.DOUBLE)
        )


def test_without_tensorrt_building_and_running_say_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tensorrt', None)
    with pytest.raises(ImportError, match='TensorRT is not installed'):
        build_engine(tmp_path / 'a.onnx', tmp_path / 'a.engine', half=True)
    with pytest.raises(ImportError, match='TensorRT is not installed'):
        TensorRtSession(tmp_path / 'a.engine')


def test_the_steps_name_the_file_and_the_precision():
    half = tensorrt_steps('out', 'fp16', described=True)
    assert 'trtexec --onnx=out/end2end.onnx' in half
    assert '--fp16' in half
    assert 'build_tensorrt.py out' in half
    assert '--int8 --calib' in tensorrt_steps('out', 'int8', described=True)


def test_our_own_builder_is_named_for_what_it_reads_alone():
    assert 'build_tensorrt' not in tensorrt_steps('out', 'fp16', described=False)


@pytest.mark.slow
def test_the_tool_refuses_what_it_cannot_build_in_one_line(tmp_path):
    (tmp_path / 'a.png').write_bytes(b'')
    folder = tmp_path / 'export'
    folder.mkdir()
    (folder / 'graph.onnx').write_bytes(b'graph')
    for changes, message in (
        (dict(backend='onnxruntime'), 'was exported for onnxruntime'),
        (dict(backend='tensorrt', precision='int8'), 'calibration cache'),
        (dict(backend='tensorrt', precision='fp16'), 'TensorRT is not installed'),
    ):
        write_artefact(folder, describe(graph='graph.onnx', **changes))
        done = run_tool(
            'model_tools/build_tensorrt.py', str(folder), '--images', str(tmp_path)
        )
        (line,) = done.stderr.strip().splitlines()
        assert done.returncode == 2
        assert line.startswith('build_tensorrt: ') and message in line
