import pytest
import torch

from maxsight_mm.models.scene_graph import GraphEncoder
from maxsight_mm.models.scene_graph.box_geometry import (
    NUM_PAIR_NUMBERS,
    normalised_cxcywh,
    pair_geometry,
)

IMAGE = (64, 96)


def graph(**kwargs):
    torch.manual_seed(0)
    return GraphEncoder(
        8, hidden_channels=16, edge_channels=8, num_layers=2, num_heads=4, **kwargs
    ).eval()


def some(count, batch=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    low = torch.rand(batch, count, 2, generator=generator) * 40
    boxes = torch.cat(
        [low, low + 4 + 20 * torch.rand(batch, count, 2, generator=generator)], dim=-1
    )
    return torch.randn(batch, count, 8, generator=generator), boxes


def test_geometry_of_a_pair_by_hand():
    boxes = torch.tensor([[[0.0, 0, 48, 32], [24, 16, 48, 32]]])
    found = pair_geometry(boxes, IMAGE)
    assert found.shape == (1, 2, 2, NUM_PAIR_NUMBERS)
    # Centres (.25, .25) and (.375, .375), sizes (.5, .5) and (.25, .25).
    expected = [-0.5, -0.5, 0.0, -1.0, -1 / 3, -1 / 3, 0.6931, 0.6931, 0.25, 0.25, 1.0]
    torch.testing.assert_close(
        found[0, 0, 1, :11], torch.tensor(expected), atol=1e-4, rtol=0
    )
    assert normalised_cxcywh(boxes, IMAGE)[0, 1].tolist() == [0.375, 0.375, 0.25, 0.25]


def test_order_of_the_objects_does_not_matter():
    model = graph()
    nodes, boxes = some(5)
    mask = torch.tensor([[True] * 5, [True, True, True, False, False]])
    order = torch.tensor([3, 0, 4, 2, 1])
    out, edges = model(nodes, pair_geometry(boxes, IMAGE), mask)
    moved, moved_edges = model(
        nodes[:, order], pair_geometry(boxes[:, order], IMAGE), mask[:, order]
    )
    torch.testing.assert_close(moved, out[:, order], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(moved_edges, edges[:, order][:, :, order])


def test_padded_objects_send_nothing():
    model = graph()
    nodes, boxes = some(5)
    mask = torch.tensor([[True, True, True, False, False]] * 2)
    out, _ = model(nodes, pair_geometry(boxes, IMAGE), mask)
    alone, _ = model(nodes[:, :3], pair_geometry(boxes[:, :3], IMAGE), mask[:, :3])
    torch.testing.assert_close(out[:, :3], alone, atol=1e-5, rtol=1e-5)
    assert out[:, 3:].abs().sum() == 0


def test_objects_learn_of_each_other():
    model = graph()
    nodes, boxes = some(3)
    mask = torch.ones(2, 3, dtype=torch.bool)
    geometry = pair_geometry(boxes, IMAGE)
    changed = nodes.clone()
    changed[:, 2] += 1
    first, second = (model(n, geometry, mask)[0] for n in (nodes, changed))
    assert not torch.allclose(first[:, 0], second[:, 0], atol=1e-4)


@pytest.mark.parametrize('count', [0, 1])
def test_graphs_of_none_and_of_one(count):
    nodes, boxes = some(count)
    for known in (True, False):
        mask = torch.full((2, count), known)
        out, edges = graph()(nodes, pair_geometry(boxes, IMAGE), mask)
        assert out.shape == (2, count, 16) and out.isfinite().all()
        assert edges.shape == (2, count, count, 8)


def test_width_that_the_heads_cannot_share_is_refused():
    with pytest.raises(ValueError, match='no multiple of num_heads 5'):
        GraphEncoder(8, hidden_channels=16, num_heads=5)
