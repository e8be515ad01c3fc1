"""A small hand-written graph stands for a tier: which answer belongs to which frame."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')

import onnx
from onnx import TensorProto, helper, numpy_helper

from maxsight_mm.deploy.artefact import ArtefactError, read_artefact, write_artefact
from maxsight_mm.deploy.context_graph import AVAILABLE, NEXT
from maxsight_mm.deploy.deployed_tier import DeployedTier
from tests.deploy.toy_artefact import describe

SIZE = (64, 64)
# One thing in every picture.
ANSWERS = dict(
    dets=np.float32([[[1, 1, 9, 9, 0.5]]]),
    labels=np.int64([[1]]),
    zone_scores=np.float32([[[0.8, 0.1, 0.1]]]),
    zones=np.int64([[0]]),
    object_urgency_scores=np.float32([[[0.7, 0.1, 0.1, 0.1]]]),
    object_urgencies=np.int64([[0]]),
    urgency_scores=np.float32([[0.7, 0.1, 0.1, 0.1]]),
    urgency=np.int64([0]),
    uncertainty=np.float32([[0.1]]),
)
ANSWERS[AVAILABLE] = np.array([True])


def write_tier(folder, memory_type=TensorProto.FLOAT, memory_shape=(1,)):
    """A tier whose memory counts frames and whose context is a picture's brightness."""
    folder.mkdir()
    nodes = [
        helper.make_node('ReduceMean', ['input'], ['brightness'], keepdims=0),
        helper.make_node('Add', ['seen', 'one'], [f'{NEXT}seen']),
    ]
    initializers = [numpy_helper.from_array(np.float32([1]), 'one')]
    outputs = []
    for name, value in ANSWERS.items():
        initializers.append(numpy_helper.from_array(value, f'{name}_value'))
        nodes.append(helper.make_node('Identity', [f'{name}_value'], [name]))
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        outputs.append(helper.make_tensor_value_info(name, kind, value.shape))
    if memory_type != TensorProto.FLOAT:
        nodes[1] = helper.make_node('Identity', ['seen'], [f'{NEXT}seen'])
    graph = helper.make_graph(
        nodes,
        'tier',
        [
            helper.make_tensor_value_info('input', TensorProto.FLOAT, (1, 3, *SIZE)),
            helper.make_tensor_value_info('seen', memory_type, memory_shape),
        ],
        [
            *outputs,
            helper.make_tensor_value_info('brightness', TensorProto.FLOAT, ()),
            helper.make_tensor_value_info(f'{NEXT}seen', memory_type, memory_shape),
        ],
        initializers,
    )
    opset = helper.make_opsetid('', 17)
    model = helper.make_model(graph, ir_version=8, opset_imports=[opset])
    onnx.save(model, folder / 'tier.onnx')
    write_artefact(folder, describe(kind='full', graph='tier.onnx', input_size=SIZE))
    return folder


@pytest.fixture
def folder(tmp_path):
    return write_tier(tmp_path / 'tier')


def picture(level: int) -> np.ndarray:
    return np.full((*SIZE, 3), level, np.uint8)


def test_a_stream_shows_the_context_of_each_frame(folder):
    tier = DeployedTier(folder)
    levels = [
        float(tier.context['brightness'])
        for _ in tier.stream([picture(51), picture(102), picture(255)])
    ]
    assert levels == pytest.approx([0.2, 0.4, 1.0], 1e-5)
    assert tier.memory['seen'] == 3


def test_a_frame_that_cannot_be_read_has_no_context(folder):
    tier = DeployedTier(folder)
    found = [
        (answer.is_available, tier.context is not None)
        for answer in tier.stream([picture(51), None, picture(102)])
    ]
    assert found == [(True, True), (False, False), (True, True)]


def test_a_call_leaves_the_context_of_the_last_frame(folder):
    tier = DeployedTier(folder)
    tier([picture(51), picture(255)])
    assert tier.context['brightness'] == pytest.approx(1.0)
    tier([picture(51), None])
    assert tier.context is None


@pytest.mark.parametrize(
    'memory', [dict(memory_shape=('n',)), dict(memory_type=TensorProto.DOUBLE)]
)
def test_an_input_no_tier_has_is_one_line(tmp_path, memory):
    folder = write_tier(tmp_path / 'other', **memory)
    with pytest.raises(ArtefactError, match='input seen is'):
        DeployedTier(folder)


def test_another_size_than_the_graph_takes_is_refused(folder):
    write_artefact(folder, replace(read_artefact(folder), input_size=(64, 96)))
    with pytest.raises(ArtefactError, match=r'its description says \(64, 96\)'):
        DeployedTier(folder)
