import math

import pytest
import torch

from maxsight_mm.engine.balancing import MetricBalancer

CLASSES = dict(action=4, severity=16)


def figures(name, **values):
    return {f'tasks/{task}/{name}': value for task, value in values.items()}


@pytest.mark.parametrize(
    ('strategy', 'metrics', 'ratio'),
    [
        ('uniform', {}, 1),
        ('inverse_accuracy', figures('accuracy', action=0.8, severity=0.4), 2),
        ('inverse_f1', figures('macro_f1', action=0.9, severity=0.3), 3),
        # (1 - .25) * 4 against (1 - .5) * 2.
        ('difficulty', figures('macro_f1', action=0.5, severity=0.25), 3),
    ],
)
def test_weights_by_hand(strategy, metrics, ratio):
    balancer = MetricBalancer(strategy, momentum=0.0)
    balancer.observe(metrics, CLASSES)
    weights = balancer.weights
    assert sum(weights.values()) == pytest.approx(2)
    assert weights['severity'] / weights['action'] == pytest.approx(ratio)


def test_half_of_the_old_weights_is_kept():
    balancer = MetricBalancer('inverse_accuracy', momentum=0.5)
    balancer.observe(figures('accuracy', action=0.9, severity=0.3), CLASSES)
    # New: .5 and 1.5; old: 1 and 1.
    assert balancer.weights == pytest.approx(dict(action=0.75, severity=1.25))


def test_no_task_takes_all():
    balancer = MetricBalancer('inverse_f1', momentum=0.0, max_ratio=4)
    balancer.observe(figures('macro_f1', action=1.0, severity=0.0), CLASSES)
    weights = balancer.weights
    assert weights['severity'] / weights['action'] == pytest.approx(4)


def test_a_task_without_a_figure_keeps_the_mean():
    balancer = MetricBalancer('inverse_accuracy', momentum=0.0)
    metrics = figures('accuracy', action=0.5, severity=math.nan, offence=0.25)
    balancer.observe(metrics, dict(CLASSES, offence=2))
    assert balancer.weights['severity'] == pytest.approx(1)


def test_losses_are_weighted_sums():
    balancer = MetricBalancer('inverse_accuracy', momentum=0.0)
    losses = dict(action=torch.tensor(2.0), severity=torch.tensor(3.0))
    assert balancer.combine(losses) == 5
    balancer.observe(figures('accuracy', action=0.9, severity=0.3), CLASSES)
    assert balancer.combine(losses).item() == pytest.approx(0.5 * 2 + 1.5 * 3)


def test_state_comes_back():
    one, other = MetricBalancer('inverse_f1'), MetricBalancer('inverse_f1')
    one.observe(figures('macro_f1', action=0.9, severity=0.3), CLASSES)
    other.load_state_dict(one.state_dict())
    assert other.weights == one.weights


def test_a_validation_without_the_figure_is_refused():
    with pytest.raises(ValueError, match='ImageTaskMetric'):
        MetricBalancer('inverse_f1').observe({'det/mAP': 0.5}, CLASSES)


def test_weights_of_an_unknown_task_are_refused():
    balancer = MetricBalancer(task_weights=dict(sverity=2.0))
    with pytest.raises(ValueError, match='sverity'):
        balancer.combine(dict(severity=torch.tensor(1.0)))


@pytest.mark.parametrize(
    'settings',
    [
        dict(strategy='inverse'),
        dict(floor=0),
        dict(max_ratio=0.5),
        dict(momentum=1.0),
    ],
)
def test_bad_settings_are_refused(settings):
    with pytest.raises(ValueError):
        MetricBalancer(**settings)
