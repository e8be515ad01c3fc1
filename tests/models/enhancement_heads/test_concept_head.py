import math

import pytest
import torch

from maxsight_mm.models.enhancement_heads import ConceptHead
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.concepts import CONCEPTS

NAN = float('nan')


def test_only_known_concepts_enter_the_mean():
    logits = torch.zeros(2, len(CONCEPTS))
    logits[0, 0], logits[1, 5] = math.log(3), 50.0
    wanted = torch.full((2, len(CONCEPTS)), NAN)
    wanted[0, 0], wanted[0, 1] = 1.0, 0.0
    loss = ConceptHead(4).loss({'logits': logits}, {'concepts': wanted})
    # -log(3 / 4) and log 2
    expected = (math.log(4 / 3) + math.log(2)) / 2
    assert loss['loss_concept'].item() == pytest.approx(expected, abs=1e-6)


def test_nothing_known_costs_a_connected_zero():
    logits = torch.zeros(1, len(CONCEPTS), requires_grad=True)
    wanted = torch.full((1, len(CONCEPTS)), NAN)
    loss = ConceptHead(4).loss({'logits': logits}, {'concepts': wanted})['loss_concept']
    assert loss.item() == 0
    loss.backward()
    assert logits.grad.abs().sum() == 0


def test_concepts_are_learnt():
    torch.manual_seed(0)
    head = ConceptHead(8)
    pooled = torch.randn(6, 8)
    wanted = (torch.rand(6, len(CONCEPTS)) > 0.5).float()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(100):
        outputs = head(FeatureBundle(context_pooled=pooled))
        loss = head.loss(outputs, {'concepts': wanted})['loss_concept']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal(head.predict(outputs)['scores'] > 0.5, wanted > 0.5)
