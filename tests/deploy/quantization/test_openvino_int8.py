"""What is eight bits in the OpenVINO graph, and what is not."""

import numpy as np
import pytest

pytest.importorskip('openvino', reason='needs the export extra')
pytest.importorskip('nncf', reason='needs the export extra')

import openvino

from maxsight_mm.deploy.quantization.openvino_int8 import OpenVinoQuantizer

FLOAT_STAGES = ('stem', 'box_head')
pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def quantizer(graph, images):
    return OpenVinoQuantizer(graph, images[:2])


@pytest.fixture(scope='module')
def path(quantizer, tmp_path_factory):
    return quantizer.quantize(tmp_path_factory.mktemp('q') / 'a.xml', FLOAT_STAGES)


def convolutions(path):
    model = openvino.Core().read_model(path)
    return {
        node.get_friendly_name().removesuffix('/WithoutBiases'): node
        for node in model.get_ops()
        if node.get_type_name() == 'Convolution'
    }


def sources(node, kind):
    """Nodes of a kind that the second input of a node comes from."""
    found, queue = [], [node.input_value(1).get_node()]
    while queue:
        node = queue.pop()
        if node.get_type_name() == kind:
            found.append(node)
        queue += [node.input_value(i).get_node() for i in range(node.get_input_size())]
    return found


def test_weights_of_chosen_convolutions_are_eight_bits_a_channel(quantizer, path):
    found = convolutions(path)
    checked = 0
    for stage, names in quantizer.stages.items():
        for node in (found[n] for n in names if n in found):
            constants = sources(node, 'Constant')
            kinds = {c.get_element_type().get_type_name() for c in constants}
            assert ('i8' in kinds) == (stage not in FLOAT_STAGES), node
            if 'i8' in kinds:
                channels = node.get_output_shape(0)[1]
                shapes = [tuple(c.get_output_shape(0)) for c in constants]
                assert (channels, 1, 1, 1) in shapes
                checked += 1
    assert checked > 20


def test_decoding_stays_in_float(path):
    decoding = {'Sigmoid', 'Softmax', 'Exp', 'TopK', 'ReduceMax', 'Greater'}
    model = openvino.Core().read_model(path)
    quantised = [n for n in model.get_ops() if n.get_type_name() == 'FakeQuantize']
    assert quantised
    for node in quantised:
        assert node.input_value(0).get_node().get_type_name() not in decoding


def test_eight_bits_answer_nearly_as_float(quantizer, images, path, tmp_path):
    whole = quantizer.quantize(tmp_path / 'float.xml', list(quantizer.stages))
    wanted = quantizer.load(whole, threads=1)(images[3])
    found = quantizer.load(path, threads=1)(images[3])
    assert 0 < np.abs(found['scores'] - wanted['scores']).mean() < 0.05


def test_strides_moved_into_the_exponent_change_no_box(quantizer, detector, images):
    """The float graph is the one that was rewritten."""
    import torch

    from maxsight_mm.deploy.safety_graph import SafetyScoresGraph

    with torch.no_grad():
        wanted = SafetyScoresGraph(detector)(torch.from_numpy(images[0]))
    compiled = openvino.Core().compile_model(
        quantizer._model, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'}
    )
    found = compiled({0: images[0]})
    boxes = next(v for k, v in found.items() if 'boxes' in k.get_names())
    np.testing.assert_allclose(boxes, wanted.boxes.numpy(), rtol=1e-4, atol=1e-3)


def test_no_pictures_are_refused(graph):
    with pytest.raises(ValueError, match='needs calibration images'):
        OpenVinoQuantizer(graph, [])


def biases(path):
    """Of convolutions, by name."""
    found = {}
    for name, node in convolutions(path).items():
        for reader in node.output(0).get_target_inputs():
            constants = [
                np.ravel(constant.get_data())
                for constant in sources(reader.get_node(), 'Constant')
                if constant.get_element_type().get_type_name() == 'f32'
            ]
            largest = max(constants, key=len, default=np.empty(0))
            # Where a residual is added there is no constant of this length.
            if len(largest) == node.get_output_shape(0)[1]:
                found[name] = largest
    return found


def test_biases_are_those_of_the_float_graph(quantizer, path, tmp_path):
    """A correction of them moved the scores of a trained model to one side."""
    whole = quantizer.quantize(tmp_path / 'float.xml', list(quantizer.stages))
    wanted, found = biases(whole), biases(path)
    both = wanted.keys() & found.keys()
    assert len(both) > 20
    for name in both:
        np.testing.assert_array_equal(found[name], wanted[name])
