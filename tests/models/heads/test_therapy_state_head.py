import math

import pytest
import torch

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.navigation_heads import TherapyStateHead
from maxsight_mm.structures import FeatureBundle, Target

NAN = float('nan')


def targets_of(fatigue, focus_m, contrast):
    values = dict(fatigue=fatigue, focus_depth_m=focus_m, scene_contrast=contrast)
    return {name: torch.as_tensor(value) for name, value in values.items()}


def test_losses_by_hand():
    """Logits 0 say a half, 4 m and a half."""
    targets = targets_of([0.5], [8.0], [1.0])
    losses = TherapyStateHead(6).loss({'logits': torch.zeros(1, 3)}, targets)
    assert losses['loss_therapy_state_fatigue'].item() == pytest.approx(math.log(2))
    expected = math.log(2.0) - 0.05
    assert losses['loss_therapy_state_focus'].item() == pytest.approx(expected)
    expected = math.log(2) + 2 * 0.5
    assert losses['loss_therapy_state_contrast'].item() == pytest.approx(expected)


@pytest.mark.parametrize('missing', ['fatigue', 'focus_depth_m', 'scene_contrast'])
def test_unknown_number_costs_only_its_own_zero(missing):
    head = TherapyStateHead(6)
    targets = targets_of([0.9], [8.0], [0.9])
    targets[missing] = torch.tensor([NAN])
    losses = head.loss(head(FeatureBundle(context_pooled=torch.ones(1, 6))), targets)
    own = [losses.pop(f'loss_therapy_state_{missing.split("_")[-1]}', None)]
    if missing == 'focus_depth_m':
        own = [losses.pop('loss_therapy_state_focus')]
    assert own[0].item() == 0
    assert all(value.item() > 0 for value in losses.values())


def test_answers_have_their_ranges():
    answers = TherapyStateHead(6).predict({'logits': torch.tensor([[-90.0, 90, 90]])})
    assert answers['focus_depth_m'].item() == pytest.approx(65.0)
    assert answers['fatigue'].item() == pytest.approx(0.0)
    assert answers['contrast'].item() == pytest.approx(1.0)
    assert all(value.shape == (1,) for value in answers.values())


def test_learns_all_three():
    torch.manual_seed(0)
    head, pooled = TherapyStateHead(6), torch.randn(64, 6)
    targets = targets_of(
        pooled[:, 0].sigmoid(), 4 * (0.5 * pooled[:, 1]).exp(), pooled[:, 2].sigmoid()
    )
    features = FeatureBundle(context_pooled=pooled)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(120):
        loss = sum(head.loss(head(features), targets).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answers = head.predict(head(features))
    for answer, label in zip(answers.values(), targets.values(), strict=True):
        constant = (label - label.median()).abs().mean()
        assert (answer - label).abs().mean() < 0.2 * constant


def losses_in_a_set(**labels):
    """Losses of three images by name, without their common start."""
    torch.manual_seed(0)
    heads = HeadSet(dict(therapy_state=dict(type='TherapyStateHead', in_channels=6)))
    outputs = heads(FeatureBundle(context_pooled=torch.ones(3, 6)))
    values = {name: torch.tensor(label) for name, label in labels.items()}
    targets = {n: Target(v, v.isfinite()) for n, v in values.items()}
    losses = heads.loss(outputs, targets)
    return {name.split('_')[-1]: loss for name, loss in losses.items()}


def test_each_label_teaches_without_the_others():
    alone = losses_in_a_set(fatigue=[0.9, NAN, 0.1])
    assert alone['fatigue'] > 0
    assert alone['focus'] == alone['contrast'] == 0
    others = dict(focus_depth_m=[NAN, 9.0, NAN], scene_contrast=[NAN, NAN, NAN])
    together = losses_in_a_set(fatigue=[0.9, NAN, 0.1], **others)
    assert together['fatigue'] == alone['fatigue']
    assert together['focus'] > 0
    assert together['contrast'] == 0


def test_unlabelled_images_cost_nothing():
    for labels in ({}, {'fatigue': [NAN] * 3}):
        losses = losses_in_a_set(**labels)
        assert all(loss == 0 and loss.requires_grad for loss in losses.values())
