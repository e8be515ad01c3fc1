import math

import pytest
import torch

from maxsight_mm.models.navigation_heads import LightingHead
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.synthetic.lighting import LIGHTINGS


def test_answers_for_each_light_of_the_street_world():
    head = LightingHead(6)
    answers = head.predict(head(FeatureBundle(context_pooled=torch.randn(3, 6))))
    assert answers['scores'].shape == (3, len(LIGHTINGS))
    torch.testing.assert_close(answers['scores'].sum(dim=1), torch.ones(3))
    assert answers['labels'].dtype == torch.int64


def test_even_scores_cost_the_logarithm_of_five():
    loss = LightingHead(6).loss(
        {'logits': torch.zeros(2, 5)}, {'lighting_label': torch.tensor([0, 4])}
    )
    assert loss['loss_lighting'].item() == pytest.approx(math.log(5))


def test_learns_the_light():
    torch.manual_seed(0)
    head, pooled = LightingHead(6), torch.randn(128, 6)
    labels = pooled[:, :5].argmax(dim=1)
    features = FeatureBundle(context_pooled=pooled)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(80):
        loss = head.loss(head(features), {'lighting_label': labels})['loss_lighting']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (head.predict(head(features))['labels'] == labels).float().mean() > 0.97
