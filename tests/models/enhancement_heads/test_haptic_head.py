import pytest
import torch

from maxsight_mm.models.enhancement_heads import HapticHead
from maxsight_mm.structures import FeatureBundle


def features():
    generator = torch.Generator().manual_seed(0)
    return FeatureBundle(context_pooled=torch.randn(10, 16, generator=generator))


def test_loss_of_even_logits_is_the_logarithm_of_ten():
    wanted = {'haptic_pattern': torch.arange(10)}
    loss = HapticHead(16).loss({'logits': torch.zeros(10, 10)}, wanted)
    assert loss['loss_haptic'].item() == pytest.approx(2.3026, abs=1e-4)


def test_patterns_are_learnt():
    torch.manual_seed(0)
    head = HapticHead(16)
    wanted = torch.arange(10)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(100):
        loss = head.loss(head(features()), {'haptic_pattern': wanted})['loss_haptic']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answers = head.predict(head(features()))
    assert answers['labels'].tolist() == wanted.tolist()
    torch.testing.assert_close(answers['scores'].sum(1), torch.ones(10))
