import numpy as np
import pytest
import torch

from maxsight_mm.engine.ssod_doctor.focal_score import (
    ScoreRule,
    optimal_logit,
    optimal_softmax_score,
    precision_for,
    score_of,
)
from maxsight_mm.models.losses.functional import softmax_focal_loss

MISMATCH = ScoreRule(True, False, 3.5, 0.75, 5)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize('posterior', [0.02, 0.3, 0.9, 0.995])
@pytest.mark.parametrize(('gamma', 'alpha'), [(0.5, 0.4), (2, 0.25), (3.5, 0.75)])
def test_sigmoid_optimum_equals_a_grid_search(posterior, gamma, alpha):
    p = np.linspace(1e-5, 1 - 1e-5, 400_001)
    loss = posterior * alpha * (1 - p) ** gamma * -np.log(p)
    loss += (1 - posterior) * (1 - alpha) * p**gamma * -np.log(1 - p)
    found = sigmoid(optimal_logit(posterior, gamma, alpha))
    assert found == pytest.approx(p[loss.argmin()], abs=1e-4)


def test_cross_entropy_scores_are_posteriors():
    for rule in (ScoreRule(True, True, 0, 0.5, 5), ScoreRule(False, False, 0, 0.5, 5)):
        for rest in ('background', 'spread'):
            assert score_of(0.73, rule, rest) == pytest.approx(0.73, abs=1e-6)
            assert precision_for(0.9, rule, rest) == pytest.approx(0.9, abs=1e-5)


def test_softmax_optimum_equals_gradient_descent():
    posterior = torch.tensor([0.8, 0.04, 0.04, 0.04, 0.04, 0.04])
    logits = torch.zeros(6, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=200, line_search_fn='strong_wolfe')

    def closure():
        optimiser.zero_grad()
        each = softmax_focal_loss(logits.expand(6, 6), torch.arange(6), 1.0, 2.0)
        loss = (posterior * each).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    expected = logits.softmax(0)[0].item()
    assert optimal_softmax_score(0.8, 2.0, 5) == pytest.approx(expected, abs=1e-3)


def test_softmax_over_trained_sigmoids_equals_gradient_descent():
    posterior = torch.tensor([0.8, 0.04, 0.04, 0.04, 0.04, 0.04])
    logits = torch.zeros(6, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=200, line_search_fn='strong_wolfe')

    def closure():
        optimiser.zero_grad()
        p = logits.sigmoid()
        loss = posterior * 0.75 * (1 - p) ** 3.5 * -p.log()
        loss = loss + (1 - posterior) * 0.25 * p**3.5 * -(1 - p).log()
        loss.sum().backward()
        return loss.sum()

    optimiser.step(closure)
    expected = logits.softmax(0)[0].item()
    assert score_of(0.8, MISMATCH, 'spread') == pytest.approx(expected, abs=1e-3)


def test_alpha_does_not_tell_objects_from_background_through_the_softmax():
    for posterior in (0.2, 0.5, 0.9):
        low, high = (
            score_of(posterior, ScoreRule(True, False, 2.0, alpha, 5))
            for alpha in (0.25, 0.75)
        )
        assert low == pytest.approx(high, abs=2e-3)
    # With sigmoids at both ends it does.
    low, high = (score_of(0.5, ScoreRule(True, True, 2.0, a, 5)) for a in (0.25, 0.75))
    assert high > low + 0.1


def test_score_rises_with_the_posterior_and_precision_is_its_inverse():
    posteriors = np.linspace(0.05, 0.95, 7)
    scores = [score_of(q, MISMATCH, 'spread') for q in posteriors]
    assert (np.diff(scores) > 0).all()
    found = [precision_for(score, MISMATCH, 'spread') for score in scores]
    assert found == pytest.approx(posteriors, abs=1e-4)


def test_recipe_needs_five_sixths_certainty_for_a_score_of_0_4():
    assert precision_for(0.4, MISMATCH, 'background') == pytest.approx(0.30, abs=0.01)
    assert precision_for(0.4, MISMATCH, 'spread') == pytest.approx(0.83, abs=0.01)


@pytest.mark.parametrize(
    ('rule', 'expected'),
    [
        (ScoreRule(False, False, 0, 0.5, 5), (0.5, 0.5, 0.9, 0.9, 0.4, 0.4)),
        (ScoreRule(False, False, 2, 1, 5), (0.5, 0.4, 0.69, 0.67, 0.25, 0.5)),
        (ScoreRule(True, False, 2.5, 0.75, 5), (0.5, 0.29, 0.8, 0.58, 0.35, 0.72)),
        (MISMATCH, (0.5, 0.25, 0.74, 0.47, 0.3, 0.83)),
    ],
)
def test_table_of_the_documentation(rule, expected):
    rests = ('background', 'spread')
    scores = [
        score_of(posterior, rule, rest) for posterior in (0.5, 0.9) for rest in rests
    ]
    needed = [precision_for(0.4, rule, rest) for rest in rests]
    assert [*scores, *needed] == pytest.approx(expected, abs=0.0051)
