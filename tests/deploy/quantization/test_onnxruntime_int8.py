"""What is eight bits in the ONNX graph, and what is not."""

import numpy as np
import pytest

pytest.importorskip('onnx', reason='needs the export extra')
pytest.importorskip('onnxruntime', reason='needs the export extra')

import onnx

from maxsight_mm.deploy.quantization.onnxruntime_int8 import OnnxRuntimeQuantizer

FLOAT_STAGES = ('stem', 'box_head')


@pytest.fixture(scope='module')
def quantizer(graph, images):
    return OnnxRuntimeQuantizer(graph, images[:2])


@pytest.fixture(scope='module')
def path(quantizer, tmp_path_factory):
    return quantizer.quantize(tmp_path_factory.mktemp('q') / 'a.onnx', FLOAT_STAGES)


@pytest.fixture(scope='module')
def written(path):
    return onnx.load(path)


def producers(graph):
    return {name: node for node in graph.graph.node for name in node.output}


def test_stages_are_the_parts_of_the_model_in_running_order(quantizer):
    stages = list(quantizer.stages)
    assert stages[:5] == ['stem', 'layer1', 'layer2', 'layer3', 'layer4']
    assert {'neck', 'semantic_tower', 'geometric_tower'} <= set(stages)
    heads = {s.removesuffix('_head') for s in stages if s.endswith('_head')}
    assert {'objectness', 'classification', 'box', 'urgency'} <= heads
    assert len(set(sum(quantizer.stages.values(), []))) == sum(
        map(len, quantizer.stages.values())
    )


def test_weights_of_chosen_convolutions_are_eight_bits_a_channel(quantizer, written):
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in written.graph.initializer}
    made_by = producers(written)
    nodes = {node.name: node for node in written.graph.node}
    checked = 0
    for stage, names in quantizer.stages.items():
        for node in (nodes[n] for n in names if n in nodes):
            if node.op_type != 'Conv':
                continue
            if stage in FLOAT_STAGES:
                assert stored[node.input[1]].dtype == np.float32
                continue
            dequantize = made_by[node.input[1]]
            weight, scale, zero = (stored[name] for name in dequantize.input)
            assert weight.dtype == np.int8
            assert scale.shape == (len(weight),)
            assert not zero.any()
            checked += 1
    assert checked > 20


def test_activations_are_quantised_next_to_chosen_operators_alone(quantizer, written):
    chosen = {
        name
        for stage, names in quantizer.stages.items()
        if stage not in FLOAT_STAGES
        for name in names
    }
    made_by = producers(written)
    readers: dict[str, list] = {}
    for node in written.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    pairs = [n for n in written.graph.node if n.op_type == 'QuantizeLinear']
    assert pairs
    for node in pairs:
        neighbours = (
            {made_by[node.input[0]].name} if node.input[0] in made_by else set()
        )
        for dequantize in readers[node.output[0]]:
            neighbours |= {n.name for n in readers.get(dequantize.output[0], [])}
        assert neighbours & chosen, node.name


def test_decoding_stays_in_float(written):
    """No quantised number is read out of what follows the heads."""
    made_by = producers(written)
    decoding = {'Sigmoid', 'Softmax', 'Exp', 'Mul', 'ArgMax', 'ReduceMax', 'Greater'}
    for node in written.graph.node:
        if node.op_type == 'QuantizeLinear' and node.input[0] in made_by:
            assert made_by[node.input[0]].op_type not in decoding


def test_the_same_pictures_give_the_same_file_and_others_another(
    graph, images, path, tmp_path
):
    again = OnnxRuntimeQuantizer(graph, images[:2]).quantize(
        tmp_path / 'again.onnx', FLOAT_STAGES
    )
    other = OnnxRuntimeQuantizer(graph, images[2:]).quantize(
        tmp_path / 'other.onnx', FLOAT_STAGES
    )
    assert again.read_bytes() == path.read_bytes()
    assert other.read_bytes() != path.read_bytes()


def test_eight_bits_answer_nearly_as_float_and_take_less_than_half(
    quantizer, images, path, tmp_path
):
    whole = quantizer.quantize(tmp_path / 'float.onnx', list(quantizer.stages))
    wanted = quantizer.load(whole, threads=1)(images[3])
    found = quantizer.load(path, threads=1)(images[3])
    apart = np.abs(found['scores'] - wanted['scores'])
    assert 0 < apart.mean() < 0.05
    assert path.stat().st_size < 0.45 * whole.stat().st_size


def test_no_pictures_are_refused(graph):
    with pytest.raises(ValueError, match='needs calibration images'):
        OnnxRuntimeQuantizer(graph, [])
