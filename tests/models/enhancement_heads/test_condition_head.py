import math

import pytest
import torch

from maxsight_mm.models.enhancement_heads import ConditionHead
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.conditions import CONDITIONS


def test_loss_of_even_logits_is_the_logarithm_of_two_whatever_the_severity():
    severity = torch.linspace(0, 1, len(CONDITIONS))[None]
    outputs = {'logits': torch.zeros(1, len(CONDITIONS))}
    loss = ConditionHead(4).loss(outputs, {'condition_severity': severity})
    assert loss['loss_condition'].item() == pytest.approx(math.log(2), abs=1e-6)


def test_severities_are_learnt():
    torch.manual_seed(0)
    head = ConditionHead(8)
    pooled = torch.randn(4, 8)
    severity = torch.zeros(4, len(CONDITIONS))
    severity[0, 3], severity[1, 0], severity[2, 12] = 0.5, 1.0, 0.25
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(200):
        outputs = head(FeatureBundle(context_pooled=pooled))
        loss = head.loss(outputs, {'condition_severity': severity})['loss_condition']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scores = head.predict(outputs)['scores']
    torch.testing.assert_close(scores, severity, atol=0.05, rtol=0)
