import math

import pytest
import torch

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.navigation_heads import (
    FindabilityHead,
    GlareHead,
    NavigationDifficultyHead,
    RoiPriorityHead,
)
from maxsight_mm.models.navigation_heads.share_loss import (
    known_cross_entropy,
    share_loss,
)
from maxsight_mm.structures import FeatureBundle, Target

IMAGE_HEADS = (GlareHead, NavigationDifficultyHead)
OBJECT_HEADS = (FindabilityHead, RoiPriorityHead)


def bundle(images=64, objects=3):
    generator = torch.Generator().manual_seed(0)
    return FeatureBundle(
        context_pooled=torch.randn(images, 6, generator=generator),
        instance_features=torch.randn(images, objects, 6, generator=generator),
    )


def test_loss_by_hand():
    logits = torch.tensor([0.0, math.log(3.0), 5.0])
    target = torch.tensor([0.25, 0.5, float('nan')])
    entropy = (math.log(2.0) - 0.5 * math.log(0.75) - 0.5 * math.log(0.25)) / 2
    assert known_cross_entropy(logits, target).item() == pytest.approx(entropy)
    # Both answers, 0.5 and 0.75, are off by 0.25.
    expected = entropy + 2 * 0.25
    assert share_loss(logits, target).item() == pytest.approx(expected)


def test_best_answer_lies_between_the_median_and_the_mean_share():
    target = torch.tensor([0.1, 0.2, 0.9])
    answers = torch.linspace(0.01, 0.99, 99)
    best = []
    for loss in (known_cross_entropy, share_loss):
        losses = torch.stack([loss(a.logit().expand(3), target) for a in answers])
        best.append(answers[losses.argmin()].item())
    assert best[0] == pytest.approx(0.4, abs=0.006)
    assert 0.2 <= best[1] < best[0]


def test_nothing_known_is_a_connected_zero():
    logits = torch.randn(3, requires_grad=True)
    loss = share_loss(logits, torch.full((3,), float('nan')))
    loss.backward()
    assert loss.item() == 0 and logits.grad is not None


def test_far_off_half_precision_logits_are_finite():
    logits = torch.tensor([6e4, -6e4], dtype=torch.float16)
    assert torch.isfinite(share_loss(logits, torch.tensor([0.0, 1.0])))


def test_slope_does_not_vanish_far_from_the_label():
    logits = torch.tensor([-20.0], requires_grad=True)
    share_loss(logits, torch.tensor([0.9])).backward()
    assert logits.grad.item() < -0.5


@pytest.mark.parametrize('cls', IMAGE_HEADS + OBJECT_HEADS)
def test_learns_a_share(cls):
    torch.manual_seed(0)
    head, features = cls(6), bundle()
    seen = features[head.inputs[0]]
    target = (seen[..., 0] + seen[..., 1]).sigmoid()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(100):
        loss = sum(head.loss(head(features), {head.targets[0]: target}).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scores = head.predict(head(features))['scores']
    assert scores.shape == target.shape
    assert (scores - target).abs().mean() < 0.05


@pytest.mark.parametrize('cls', OBJECT_HEADS)
def test_padded_objects_do_not_count(cls):
    heads = HeadSet({'head': dict(type=cls.__name__)}, {'instance_features': 6})
    outputs = heads(bundle(images=2))
    head = next(iter(heads))
    values = torch.rand(2, 3)
    valid = torch.tensor([[True, True, False], [True, False, False]])
    changed = torch.where(valid, values, 1 - values)
    first, second = (
        heads.loss(outputs, {head.targets[0]: Target(labels, valid)})
        for labels in (values, changed)
    )
    assert set(first) == {f'loss_{head.task}'}
    assert torch.equal(*(losses[f'loss_{head.task}'] for losses in (first, second)))


@pytest.mark.parametrize('cls', OBJECT_HEADS)
def test_no_object_gives_no_answer(cls):
    head = cls(6)
    assert head.predict(head(bundle(2, objects=0)))['scores'].shape == (2, 0)
