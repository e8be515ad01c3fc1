import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.evaluation.functional.temperature import (
    MAX_TEMPERATURE,
    MIN_TEMPERATURE,
    activate,
    fit_temperature,
    negative_log_likelihood,
)

ACTIVATIONS = ('softmax', 'sigmoid')


def problem(num_classes=3, num=400, seed=0, sharpness=1.0):
    """Logits whose softmax would come true at ``sharpness`` 1."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (num, num_classes))
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    drawn = (scores.cumsum(axis=1) > rng.random((num, 1))).argmax(axis=1)
    return sharpness * logits, drawn


def torch_nll(logits, labels, activation, temperature=1.0):
    scaled, labels = torch.from_numpy(logits) / temperature, torch.from_numpy(labels)
    if activation == 'softmax':
        return F.cross_entropy(scaled, labels)
    truth = F.one_hot(labels, scaled.shape[1]).double()
    return F.binary_cross_entropy_with_logits(scaled, truth)


def fitted_by_lbfgs(logits, labels, activation):
    """As in the paper's own code, on the temperature itself."""
    temperature = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [temperature],
        max_iter=500,
        tolerance_grad=1e-12,
        tolerance_change=1e-14,
        line_search_fn='strong_wolfe',
    )

    def closure():
        optimizer.zero_grad()
        value = torch_nll(logits, labels, activation, temperature)
        value.backward()
        return value

    optimizer.step(closure)
    return temperature.item()


@pytest.mark.parametrize('activation', ACTIVATIONS)
def test_scores_agree_with_torch(activation):
    logits, _ = problem()
    scaled = torch.from_numpy(logits) / 1.7
    expected = scaled.softmax(1) if activation == 'softmax' else scaled.sigmoid()
    ours = activate(logits, activation, 1.7)
    np.testing.assert_allclose(ours, expected.numpy(), atol=1e-12)
    each = activate(logits, activation, np.full(len(logits), 1.7))
    np.testing.assert_array_equal(each, ours)


@pytest.mark.parametrize('activation', ACTIVATIONS)
@pytest.mark.parametrize('temperature', [0.5, 1.0, 3.0])
def test_likelihood_agrees_with_torch(activation, temperature):
    logits, labels = problem()
    ours = negative_log_likelihood(logits, labels, activation, temperature)
    expected = torch_nll(logits, labels, activation, temperature).item()
    assert ours == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize('activation', ACTIVATIONS)
@pytest.mark.parametrize('sharpness', [0.4, 1.0, 3.0])
def test_temperature_agrees_with_torch_lbfgs(activation, sharpness):
    logits, labels = problem(sharpness=sharpness)
    ours = fit_temperature(logits, labels, activation)
    expected = fitted_by_lbfgs(logits, labels, activation)
    assert ours == pytest.approx(expected, rel=1e-6)


def test_overconfident_logits_are_divided_by_what_made_them_so():
    logits, labels = problem(num=20000, sharpness=3)
    assert fit_temperature(logits, labels, 'softmax') == pytest.approx(3, rel=0.05)


def test_hand_worked():
    # Right 3 times of 4 at logit difference d: best where sigmoid(d / T) = 3 / 4.
    logits, labels = [[0, 2.0]] * 4, [1, 1, 1, 0]
    expected = 2 / math.log(3)
    assert fit_temperature(logits, labels, 'softmax') == pytest.approx(expected)
    assert negative_log_likelihood([[0, 0]], [0], 'softmax') == pytest.approx(
        math.log(2)
    )


def test_answers_stay_and_likelihood_does_not_fall():
    logits, labels = problem(sharpness=4)
    temperature = fit_temperature(logits, labels, 'softmax')
    scores = activate(logits, 'softmax', temperature)
    np.testing.assert_array_equal(scores.argmax(1), logits.argmax(1))
    before, after = (
        negative_log_likelihood(logits, labels, 'softmax', t)
        for t in (1.0, temperature)
    )
    assert after < before


@pytest.mark.parametrize('activation', ACTIVATIONS)
def test_limits_hold_where_the_best_temperature_is_none(activation):
    logits = np.array([[4.0, -4], [-4, 4]])
    assert fit_temperature(logits, [0, 1], activation) == MIN_TEMPERATURE
    assert fit_temperature(logits, [1, 0], activation) == MAX_TEMPERATURE


@pytest.mark.parametrize(
    ('activation', 'logits'), [('softmax', [[3.3] * 3] * 5), ('sigmoid', [[0.0] * 3])]
)
def test_logits_that_say_nothing_keep_their_temperature(activation, logits):
    assert fit_temperature(logits, [0] * len(logits), activation) == 1


def test_one_image_of_one_class_is_enough():
    assert fit_temperature([[1.0, 0]], [0], 'softmax') == MIN_TEMPERATURE


def test_single_precision_logits_are_as_good():
    logits, labels = problem()
    half = fit_temperature(logits.astype(np.float32), labels, 'softmax')
    assert half == pytest.approx(fit_temperature(logits, labels, 'softmax'), rel=1e-5)


def test_empty():
    none = np.empty((0, 2))
    assert activate(none, 'softmax').shape == (0, 2)
    assert math.isnan(negative_log_likelihood(none, [], 'softmax'))
    with pytest.raises(ValueError, match='needs labelled images'):
        fit_temperature(none, [], 'softmax')


@pytest.mark.parametrize('bad', [math.nan, math.inf])
def test_logits_that_are_not_finite_are_refused(bad):
    with pytest.raises(ValueError, match='not finite'):
        fit_temperature([[0, bad]], [0], 'softmax')


@pytest.mark.parametrize('bad', [0, -1, math.nan])
def test_temperatures_that_are_not_positive_are_refused(bad):
    with pytest.raises(ValueError, match='must be positive'):
        activate([[0.0, 1]], 'softmax', bad)


def test_wrong_use_is_refused():
    with pytest.raises(ValueError, match="got 'relu'"):
        activate([[0.0, 1]], 'relu')
    with pytest.raises(ValueError, match=r'shape \(N, K\)'):
        activate([0.0, 1], 'softmax')
    with pytest.raises(ValueError, match='2 labels but 1 images'):
        fit_temperature([[0.0, 1]], [0, 1], 'softmax')
    with pytest.raises(ValueError, match=r'labels must lie in \[0, 2\)'):
        fit_temperature([[0.0, 1]], [2], 'softmax')
