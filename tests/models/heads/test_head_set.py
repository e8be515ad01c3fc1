import pytest
import torch
from torch import nn

from maxsight_mm.models.heads import BaseHead, HeadSet, NonFiniteLossError
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle, Target


@MODELS.register_module()
class _FirstHead(BaseHead):
    task = 'first'
    criticality = 'safety'
    inputs = ('pooled',)
    targets = ('first',)
    outputs = {'value': ('B', 1)}

    def __init__(self, loss_weight=1.0, scale=1.0):
        super().__init__(loss_weight)
        self.layer = nn.Linear(2, 1)
        self.scale = scale

    def forward(self, features):
        return {'value': self.layer(features[self.inputs[0]]) * self.scale}

    def loss(self, outputs, targets):
        error = outputs['value'].squeeze(-1) - targets[self.targets[0]]
        return {f'loss_{self.task}': error.square().mean()}

    def predict(self, outputs):
        return dict(outputs)


@MODELS.register_module()
class _SecondHead(_FirstHead):
    task = 'second'
    inputs = ('first.value',)
    targets = ('second',)

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)


@pytest.fixture
def features():
    return FeatureBundle(pooled=torch.ones(3, 2))


def head_set(**heads):
    return HeadSet(heads)


def test_a_head_runs_after_the_head_it_reads(features):
    heads = head_set(b=dict(type='_SecondHead'), a=dict(type='_FirstHead'))
    assert [head.task for head in heads] == ['first', 'second']
    assert set(heads(features)) == {'first', 'second'}
    assert 'first.value' in features


def test_none_drops_a_head():
    assert [h.task for h in head_set(a=dict(type='_FirstHead'), b=None)] == ['first']


def test_a_misspelt_name_drops_nothing_and_is_refused():
    with pytest.raises(ValueError, match="did you mean 'first'"):
        head_set(first=dict(type='_FirstHead'), firsd=None)


def test_reading_an_absent_head_is_refused():
    with pytest.raises(ValueError, match='no earlier head'):
        head_set(b=dict(type='_SecondHead'))


def test_two_heads_of_one_task_are_refused():
    with pytest.raises(ValueError, match='first'):
        head_set(a=dict(type='_FirstHead'), b=dict(type='_FirstHead'))


def test_unlabelled_samples_do_not_count(features):
    heads = head_set(a=dict(type='_FirstHead'))
    outputs = heads(features)
    values = torch.tensor([1.0, 99.0, 99.0])
    valid = torch.tensor([True, False, False])
    loss = heads.loss(outputs, {'first': Target(values, valid)})['loss_first']
    expected = (outputs['first']['value'][0, 0] - 1.0).square()
    torch.testing.assert_close(loss, expected)


def test_what_nothing_teaches_costs_zero_whatever_it_holds(features):
    heads = head_set(first=dict(type='_FirstHead', scale=float('inf')))
    loss = heads.loss(heads(features), {})['loss_first']
    loss.backward()
    assert loss == 0
    assert heads.heads['first'].layer.weight.grad is not None


def test_weight_multiplies_the_loss(features):
    heads = head_set(a=dict(type='_FirstHead', loss_weight=2.0))
    outputs = heads(features)
    targets = {'first': Target(torch.zeros(3), torch.ones(3, dtype=torch.bool))}
    raw = outputs['first']['value'].square().mean()
    torch.testing.assert_close(heads.loss(outputs, targets)['loss_first'], 2 * raw)


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_non_finite_loss_names_its_task(features, value):
    heads = head_set(a=dict(type='_FirstHead', scale=value))
    targets = {'first': Target(torch.zeros(3), torch.ones(3, dtype=torch.bool))}
    with pytest.raises(NonFiniteLossError, match='loss_first'):
        heads.loss(heads(features), targets)


def test_features_are_written_once(features):
    with pytest.raises(KeyError, match='already'):
        features['pooled'] = torch.zeros(3, 2)


def test_missing_feature_says_what_there_is(features):
    with pytest.raises(KeyError, match='it holds pooled'):
        features['audio']


def test_a_head_without_a_type_is_named():
    """A misspelt name in a child config makes a new head without a type."""
    with pytest.raises(ValueError, match="'other' has no type"):
        head_set(a=dict(type='_FirstHead'), other=dict(loss_weight=2.0))
