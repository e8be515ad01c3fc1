import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.models.enhancement_heads import RetrievalHead
from maxsight_mm.models.enhancement_heads.retrieval_head import (
    _projection,
    likeness_losses,
)
from maxsight_mm.structures import FeatureBundle


def test_like_matrices_cost_nothing_and_others_their_squares():
    own = torch.eye(3)
    same = likeness_losses(own, own, 0.1)
    assert same[0].item() == 0 and same[1].item() == pytest.approx(0, abs=1e-6)
    # Two of the three scenes are the same: cosines 1, 0, 0 in place of 0, 0, 0.
    wanted = torch.tensor([[1.0, 0], [1, 0], [0, 1]])
    squares, order = likeness_losses(own, wanted, 0.1)
    assert squares.item() == pytest.approx(1 / 3)
    # Two rows with shares sigmoid(10), 1 - sigmoid(10) against a half each.
    share = torch.tensor([10.0, -10.0]).sigmoid().double()
    row = (share * (share / 0.5).log()).sum().item()
    assert order.item() == pytest.approx(2 / 3 * row, rel=1e-4)


@pytest.mark.parametrize('count', [1, 2])
def test_few_images_cost_finite_connected_losses(count):
    head = RetrievalHead(8)
    outputs = head(FeatureBundle(context_pooled=torch.randn(count, 8)))
    losses = head.loss(outputs, {'scene_descriptor': torch.rand(count, 5)})
    assert set(losses) == set(head.loss_names)
    sum(losses.values()).backward()
    assert losses['loss_retrieval_order'].item() == pytest.approx(0, abs=1e-6)
    assert all(p.grad.isfinite().all() for p in head.parameters())


def test_random_projection_keeps_cosines():
    torch.manual_seed(0)
    descriptors = F.normalize(torch.rand(40, 32))
    projected = F.normalize(descriptors @ _projection(descriptors, 512))
    gap = descriptors @ descriptors.T - projected @ projected.T
    assert gap.abs().mean() < 0.05


def test_embedding_has_unit_length_and_learns_who_is_alike():
    torch.manual_seed(0)
    head = RetrievalHead(16, embedding_channels=32)
    descriptors = torch.rand(12, 6) ** 3
    pooled = torch.randn(12, 16)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.005)
    for _ in range(200):
        outputs = head(FeatureBundle(context_pooled=pooled))
        loss = sum(head.loss(outputs, {'scene_descriptor': descriptors}).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    embedding = head.predict(outputs)['embedding']
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(12))
    unlike = torch.eye(12) * 2
    true = F.normalize(descriptors)
    nearest = (embedding @ embedding.T - unlike).argmax(dim=1)
    best = (true @ true.T - unlike).argmax(dim=1)
    assert (nearest == best).float().mean() > 0.8


def test_temperature_must_be_positive():
    with pytest.raises(ValueError, match='temperature'):
        RetrievalHead(8, temperature=0.0)


def test_the_projection_is_made_once_for_each_length(monkeypatch):
    from maxsight_mm.models.enhancement_heads import retrieval_head

    made = []

    def counted(like, length):
        made.append(like.shape[1])
        return _projection(like, length)

    monkeypatch.setattr(retrieval_head, '_projection', counted)
    head = RetrievalHead(8)
    for size in (5, 5, 6):
        outputs = head(FeatureBundle(context_pooled=torch.randn(3, 8)))
        head.loss(outputs, {'scene_descriptor': torch.rand(3, size)})
    assert made == [5, 6]
    assert not any('anchors' in name for name in head.state_dict())
