import numpy as np
import pytest
import torch

from maxsight_mm.deploy.quantization.fold_level_norms import (
    FoldedTower,
    fold_level_norms,
    share_equal_integers,
)
from maxsight_mm.models.passes import LevelTower


def tower_with_statistics():
    torch.manual_seed(0)
    tower = LevelTower(6, 8, num_levels=3, depth=2)
    tower.init_weights()
    for norm in (module for norms in tower.norms for module in norms):
        torch.nn.init.uniform_(norm.weight, 0.5, 2)
        torch.nn.init.normal_(norm.bias)
        torch.nn.init.normal_(norm.running_mean)
        torch.nn.init.uniform_(norm.running_var, 0.2, 3)
    return tower.eval()


@torch.no_grad()
def test_a_folded_tower_answers_as_the_tower_at_every_level():
    tower = tower_with_statistics()
    levels = tuple(torch.randn(2, 6, side, side) for side in (8, 4, 2))
    folded = FoldedTower(tower)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
    for wanted, found in zip(tower(levels), folded(levels), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


def test_only_towers_are_folded_and_the_tower_given_stays():
    tower = tower_with_statistics()
    before = {name: value.clone() for name, value in tower.state_dict().items()}
    module = torch.nn.ModuleDict(
        dict(tower=tower, other=torch.nn.Sequential(torch.nn.BatchNorm2d(3)))
    )
    fold_level_norms(module)
    assert isinstance(module['tower'], FoldedTower)
    assert isinstance(module['other'][0], torch.nn.BatchNorm2d)
    for name, value in tower.state_dict().items():
        assert torch.equal(value, before[name])


def integer_graph(*arrays):
    onnx = pytest.importorskip('onnx')
    tensors = [
        onnx.numpy_helper.from_array(array, f'w{i}_quantized')
        for i, array in enumerate(arrays)
    ]
    nodes = [
        onnx.helper.make_node('DequantizeLinear', [t.name, 'scale'], [f'out{i}'])
        for i, t in enumerate(tensors)
    ]
    return onnx.helper.make_model(
        onnx.helper.make_graph(nodes, 'graph', [], [], initializer=tensors)
    )


def test_equal_integers_are_stored_once():
    first = np.random.default_rng(0).integers(-127, 128, (8, 8, 3, 3), np.int8)
    rounded = first.copy()
    rounded[0, 0, 0, 0] -= 1 if rounded[0, 0, 0, 0] > 0 else -1
    graph = integer_graph(first, rounded)
    assert share_equal_integers(graph) == first.size
    assert [t.name for t in graph.graph.initializer] == ['w0_quantized']
    assert [n.input[0] for n in graph.graph.node] == ['w0_quantized'] * 2


@pytest.mark.parametrize('changed', [2, 200], ids=['by two', 'in many places'])
def test_other_integers_are_kept(changed):
    first = np.random.default_rng(0).integers(-100, 100, (8, 8, 3, 3), np.int8)
    other = first.copy()
    if changed == 2:
        other[0, 0, 0, 0] += 2
    else:
        other.ravel()[:changed] += 1
    graph = integer_graph(first, other)
    assert share_equal_integers(graph) == 0
    assert len(graph.graph.initializer) == 2


def test_int8_of_a_real_tower_is_stored_once_for_its_levels(graph, images, tmp_path):
    """The copies of one convolution differ by a factor a channel."""
    import onnx

    from maxsight_mm.deploy.quantization.onnxruntime_int8 import OnnxRuntimeQuantizer

    path = OnnxRuntimeQuantizer(graph, images).quantize(tmp_path / 'int8.onnx')
    names = [t.name for t in onnx.load(path).graph.initializer]
    weights = [n for n in names if 'semantic_tower' in n and 'weight_quantized' in n]
    assert weights == ['scores.safety_pass.semantic_tower.levels.0.0.weight_quantized']
