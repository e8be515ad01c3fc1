import copy

import pytest
import torch
from torch import nn

from maxsight_mm.engine.balancing import BalancedOptimWrapper
from maxsight_mm.models.task_losses import TaskLossParser

BALANCER = dict(type='MetricBalancer', strategy='inverse_accuracy', momentum=0.0)
METRICS = {'tasks/a/accuracy': 0.9, 'tasks/b/accuracy': 0.3}
CLASSES = dict(a=2, b=2)


class TwoTasks(TaskLossParser):
    """Two losses of one weight: w - 1 and (w + 2) squared, both pull."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5]))

    def forward(self, inputs=None, data_samples=None, mode='loss'):
        return dict(
            loss_a=(self.weight - 1).square().sum(),
            loss_b=(self.weight + 2).square().sum(),
        )


def wrapper(model, **kwargs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return BalancedOptimWrapper(optimizer=optimizer, balancer=BALANCER, **kwargs)


def step(model, wrap):
    loss, _ = model.parse_losses(model())
    wrap.update_params(loss)


def test_the_step_follows_the_weights():
    model = TwoTasks()
    wrap = wrapper(model)
    wrap.balancer.observe(METRICS, CLASSES)  # .5 and 1.5
    step(model, wrap)
    gradient = 0.5 * 2 * (0.5 - 1) + 1.5 * 2 * (0.5 + 2)
    assert model.weight.item() == pytest.approx(0.5 - 0.01 * gradient)


def test_accumulated_steps_are_the_mean():
    plain, accumulated = TwoTasks(), TwoTasks()
    one, two = wrapper(plain), wrapper(accumulated, accumulative_counts=2)
    two.initialize_count_status(accumulated, 0, 4)
    for wrap in (one, two):
        wrap.balancer.observe(METRICS, CLASSES)
    step(plain, one)
    step(accumulated, two)
    assert accumulated.weight.item() == 0.5
    step(accumulated, two)
    torch.testing.assert_close(accumulated.weight, plain.weight)


def test_a_resumed_training_has_the_weights():
    model = TwoTasks()
    wrap = wrapper(model)
    wrap.balancer.observe(METRICS, CLASSES)
    step(model, wrap)
    state = copy.deepcopy(wrap.state_dict())
    resumed = copy.deepcopy(model)
    other = wrapper(resumed)
    other.load_state_dict(state)
    step(model, wrap)
    step(resumed, other)
    torch.testing.assert_close(resumed.weight, model.weight)
    assert 'balancer' in state


def test_a_state_without_a_balancer_is_taken():
    wrap = wrapper(TwoTasks())
    state = wrap.state_dict()
    state.pop('balancer')
    wrap.load_state_dict(state)
    assert wrap.balancer.weights == {}


def test_a_model_that_sums_its_losses_itself_is_refused():
    with pytest.raises(TypeError, match='TaskLossParser'):
        wrapper(TwoTasks()).update_params(torch.tensor(1.0, requires_grad=True))
