import math

import pytest
import torch

from maxsight_mm.models.enhancement_heads import PredictiveAlertHead, TimeToHazardHead
from maxsight_mm.models.heads import HeadSet
from maxsight_mm.structures import FeatureBundle, Target

HEADS = (PredictiveAlertHead, TimeToHazardHead)


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def bundle(batch=6, temporal=8, context=8, **more):
    return FeatureBundle(
        temporal_pooled=torch.randn(batch, temporal),
        context_pooled=torch.randn(batch, context),
        **more,
    )


def test_scores_never_fall_with_the_horizon():
    head = PredictiveAlertHead(8)
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=3.0)
    scores = head.predict(head(bundle(64)))['scores']
    assert scores.shape == (64, 4)
    assert (scores.diff(dim=1) >= 0).all()
    assert scores.min() >= 0 and scores.max() <= 1


def test_alert_loss_is_the_cross_entropy_of_the_scores():
    hazard = torch.tensor([[0.1, 0.4, 1.0, 3.0]])
    target = torch.tensor([[0.0, 0.0, 1.0, float('nan')]])
    head = PredictiveAlertHead(8)
    found = head.loss({'cumulative_hazard': hazard}, {'hazard_within': target})
    expected = (0.1 + 0.4 - math.log(1 - math.exp(-1.0))) / 3
    assert found['loss_predictive_alert'].item() == pytest.approx(expected)


def test_alert_starts_quiet():
    head = PredictiveAlertHead(8)
    head.init_weights()
    scores = head.predict(head(bundle()))['scores']
    assert scores.max() < 0.3


def test_unknown_horizons_only_cost_a_connected_zero():
    head = PredictiveAlertHead(8)
    target = torch.full((6, 4), float('nan'))
    loss = head.loss(head(bundle()), {'hazard_within': target})['loss_predictive_alert']
    loss.backward()
    assert loss.item() == 0
    assert all(p.grad is not None for p in head.parameters())


def test_certain_alerts_stay_finite():
    for hazard, wrong in ((0.0, 1.0), (200.0, 0.0)):
        value = torch.full((1, 4), hazard + 1e-6, requires_grad=True)
        target = torch.full((1, 4), wrong)
        loss = PredictiveAlertHead(8).loss(
            {'cumulative_hazard': value}, {'hazard_within': target}
        )['loss_predictive_alert']
        loss.backward()
        assert torch.isfinite(loss) and torch.isfinite(value.grad).all()


def test_time_loss_by_hand():
    outputs = {
        'log_seconds': torch.tensor([math.log(2.0)]),
        'log_scale': torch.tensor([math.log(0.5)]),
    }
    loss = TimeToHazardHead(8).loss(outputs, {'time_to_hazard_s': torch.tensor([8.0])})
    expected = math.log(4.0) / 0.5 + math.log(0.5)
    assert loss['loss_time_to_hazard'].item() == pytest.approx(expected)


def test_a_hazard_that_is_met_already_is_a_finite_time():
    head = TimeToHazardHead(8)
    losses = head.loss(head(bundle(2)), {'time_to_hazard_s': torch.zeros(2)})
    assert torch.isfinite(losses['loss_time_to_hazard'])


def test_spread_stays_within_its_limits():
    head = TimeToHazardHead(8)
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=30.0)
    spread = head.predict(head(bundle(32)))['spread']
    assert spread.min() >= math.exp(-2.001) and spread.max() <= math.exp(2.001)


def target_of(head, features):
    """Labels that need both vectors."""
    now, before = features['context_pooled'][:, 0], features['temporal_pooled'][:, 0]
    seconds = 3 * (0.5 * (now + before)).exp()
    if isinstance(head, TimeToHazardHead):
        return {'time_to_hazard_s': seconds}
    horizons = torch.tensor([0.5, 1.0, 2.0, 4.0])
    return {'hazard_within': (seconds[:, None] <= horizons).float()}


@pytest.mark.parametrize('cls', HEADS)
def test_learns_what_both_vectors_tell(cls):
    head, features = cls(8), bundle(64)
    head.init_weights()
    targets = target_of(head, features)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    losses = []
    for _ in range(150):
        loss = sum(head.loss(head(features), targets).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    answers = head.predict(head(features))
    if cls is TimeToHazardHead:
        error = (answers['seconds'] - targets['time_to_hazard_s']).abs().median()
        assert error < 0.2
    else:
        right = (answers['scores'] > 0.5) == (targets['hazard_within'] > 0.5)
        assert right.float().mean() > 0.98
    assert losses[-1] < losses[0]


@pytest.mark.parametrize('cls', HEADS)
def test_context_may_have_another_width_and_a_token(cls):
    head = cls(8, context_channels=5)
    token = {head.task: torch.randn(6, 5)}
    plain = bundle(context=5)
    told = FeatureBundle(plain, task_tokens=token)
    first, second = head(plain), head(told)
    assert any(not torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize('cls', HEADS)
def test_head_set_fills_the_width(cls):
    heads = HeadSet({'head': dict(type=cls.__name__)}, {'temporal_pooled': 8})
    outputs = heads(bundle())
    head = next(iter(heads))
    values = target_of(head, bundle())
    valid = torch.tensor([True, False, True, True, False, True])
    targets = {name: Target(value, valid) for name, value in values.items()}
    assert all(torch.isfinite(v) for v in heads.loss(outputs, targets).values())
    for name, shape in head.outputs.items():
        assert outputs[head.task][name].shape == (6, *shape[1:])


@pytest.mark.parametrize('cls', HEADS)
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_finite(cls, dtype):
    head, features = cls(8), bundle()
    with torch.autocast('cpu', dtype=dtype):
        losses = head.loss(head(features), target_of(head, features))
    assert all(torch.isfinite(value) for value in losses.values())
