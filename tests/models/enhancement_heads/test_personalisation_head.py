import math

import pytest
import torch

from maxsight_mm.models.enhancement_heads import PersonalisationHead
from maxsight_mm.structures import FeatureBundle


def features(users):
    generator = torch.Generator().manual_seed(0)
    found = torch.randn(len(users), 5, 8, generator=generator)
    return FeatureBundle(instance_features=found, user=users)


def test_no_user_can_push_an_alert_below_that_of_danger():
    torch.manual_seed(0)
    head = PersonalisationHead(8)
    with torch.no_grad():
        for parameter in head.wish.parameters():
            parameter.mul_(50)
    for users in (torch.zeros(3, 8), torch.ones(3, 8), torch.rand(3, 8) * 1e3):
        outputs = head(features(users))
        assert (outputs['logits'] >= outputs['danger_logits']).all()
        same = head(features(torch.zeros(3, 8)))['danger_logits']
        assert torch.equal(outputs['danger_logits'], same)


def test_losses_by_hand():
    outputs = {
        'logits': torch.tensor([0.0, math.log(3)]),
        'danger_logits': torch.tensor([0.0, 0.0]),
    }
    wanted = {'alerts': torch.tensor([1, 0]), 'danger_alerts': torch.tensor([0, 0])}
    losses = PersonalisationHead(8).loss(outputs, wanted)
    expected = (math.log(2) + math.log(4)) / 2
    assert losses['loss_personalisation'].item() == pytest.approx(expected, abs=1e-6)
    danger = losses['loss_personalisation_danger'].item()
    assert danger == pytest.approx(math.log(2), abs=1e-6)


def test_users_learn_to_differ_and_danger_stays():
    torch.manual_seed(0)
    head = PersonalisationHead(8)
    users = torch.zeros(2, 8)
    users[1, 0] = 1
    bundle = features(users)
    bundle['instance_features'][1] = bundle['instance_features'][0]
    alerts = torch.tensor([[1, 1, 0, 0, 0], [1, 0, 1, 1, 0]])
    danger = torch.tensor([[1, 0, 0, 0, 0]]).repeat(2, 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(150):
        outputs = head(bundle)
        wanted = {'alerts': alerts, 'danger_alerts': danger}
        loss = sum(head.loss(outputs, wanted).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answers = head.predict(outputs)
    assert torch.equal(answers['labels'], alerts)
    assert answers['labels'].dtype == torch.int64
    assert all(p.grad.abs().sum() > 0 for p in head.parameters())


def test_images_without_objects_have_no_answers():
    head = PersonalisationHead(8)
    bundle = FeatureBundle(
        instance_features=torch.zeros(2, 0, 8), user=torch.zeros(2, 8)
    )
    assert head.predict(head(bundle))['scores'].shape == (2, 0)
