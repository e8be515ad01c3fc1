import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture

from maxsight_mm.models.task_modules.pseudo_labels.score_mixture import (
    fit_score_mixture,
    true_probability,
)

STEPS = torch.linspace(0, 1, 201)[None]


def drawn(seed, false, true, sizes=(700, 300)):
    """Scores and truths; false and true are (mean, spread) on the logits."""
    generator = torch.Generator().manual_seed(seed)
    parts = [
        mean + spread * torch.randn(size, generator=generator)
        for (mean, spread), size in zip((false, true), sizes, strict=True)
    ]
    truth = torch.arange(sum(sizes)) >= sizes[0]
    return torch.cat(parts).sigmoid(), truth


@pytest.mark.parametrize(
    ('false', 'true'),
    [((-2, 0.6), (2, 0.8)), ((-2, 0.8), (0.5, 0.6)), ((-1.8, 0.4), (-0.6, 0.3))],
    ids=['separated', 'overlapping', 'flattened'],
)
def test_fit_without_limit_is_the_maximum_likelihood_that_sklearn_finds(false, true):
    scores, _ = drawn(0, false, true)
    mixture = fit_score_mixture(scores[None], num_iters=1000)
    logits = scores.logit()[:, None].double().numpy()
    other = GaussianMixture(2, tol=1e-9, max_iter=2000, random_state=0).fit(logits)
    order = other.means_[:, 0].argsort()
    assert mixture.weights[0].numpy() == pytest.approx(other.weights_[order], abs=0.01)
    assert mixture.means[0].numpy() == pytest.approx(other.means_[order, 0], abs=0.02)
    spreads = np.sqrt(other.covariances_[order, 0, 0])
    assert mixture.spreads[0].numpy() == pytest.approx(spreads, abs=0.02)
    chance = true_probability(mixture, scores[None])[0].numpy()
    between = (logits > other.means_.min()) & (logits < other.means_.max())
    theirs = other.predict_proba(logits)[:, order[1]]
    assert chance[between[:, 0]] == pytest.approx(theirs[between[:, 0]], abs=0.03)


def test_default_rounds_come_near_the_known_components():
    scores, truth = drawn(1, (-2, 0.6), (1, 0.7))
    mixture = fit_score_mixture(scores[None])
    assert mixture.means[0].tolist() == pytest.approx([-2, 1], abs=0.15)
    assert mixture.weights[0].tolist() == pytest.approx([0.7, 0.3], abs=0.03)
    chance = true_probability(mixture, scores[None])[0]
    assert ((chance > 0.5) == truth).float().mean() > 0.97


def test_limit_keeps_true_boxes_from_explaining_a_pile_of_low_scores():
    generator = np.random.default_rng(0)
    pile = 0.05 + 0.3 * generator.beta(0.7, 6, 3000)
    hard = 0.1 + 0.4 * generator.beta(3, 3, 100)
    scores = torch.from_numpy(np.concatenate([pile, hard]))[None]
    truth = torch.arange(3100) >= 3000

    def error(limit):
        mixture = fit_score_mixture(scores, limit)
        chance = true_probability(mixture, scores)[0]
        return float(((chance - truth.float()) ** 2).mean())

    assert error(torch.tensor([100 / 3100])) < 0.05 < 0.15 < error(None)


def test_share_of_true_boxes_stays_within_its_limit():
    scores, _ = drawn(2, (-2, 0.5), (2, 0.5))
    mixture = fit_score_mixture(scores[None], torch.tensor([0.1]))
    assert mixture.weights[0].tolist() == pytest.approx([0.9, 0.1])


@pytest.mark.parametrize('true', [(0.5, 0.2), (0.5, 2.0)], ids=['narrow', 'wide'])
def test_probability_never_falls_and_stays_where_its_parabola_turns(true):
    scores, _ = drawn(3, (-2, 0.8), true)
    chance = true_probability(fit_score_mixture(scores[None]), STEPS)[0]
    assert (chance.diff() >= 0).all()
    assert chance[-1] > 0.9 > 0.1 > chance[20]


@pytest.mark.parametrize(
    'scores',
    [
        torch.zeros(0),
        torch.rand(19),
        torch.full((100,), 0.3),
        torch.full((100,), torch.nan),
        torch.tensor([0.0, 1.0]).repeat(2),
    ],
    ids=['none', 'too few', 'identical', 'non-finite', 'four at the ends'],
)
def test_scores_that_tell_nothing_have_no_fit(scores):
    mixture = fit_score_mixture(scores[None])
    assert mixture.means.isnan().all()
    assert mixture.weights.isnan().all()
    assert true_probability(mixture, STEPS).isnan().all()


def test_no_true_box_allowed_gives_no_fit():
    scores, _ = drawn(4, (-2, 0.6), (2, 0.8))
    assert fit_score_mixture(scores[None], torch.zeros(1)).means.isnan().all()


def test_component_that_dies_out_gives_no_fit():
    scores, _ = drawn(5, (-2, 0.3), (2, 0.5), sizes=(500, 0))
    assert fit_score_mixture(scores[None], torch.tensor([1e-4])).means.isnan().all()


def test_non_finite_scores_are_left_out_and_not_counted():
    scores, _ = drawn(6, (-2, 0.6), (2, 0.8))
    gaps = torch.cat([scores, torch.tensor([torch.nan, torch.inf, -torch.inf])])
    clean, gappy = fit_score_mixture(scores[None]), fit_score_mixture(gaps[None])
    assert gappy.num_scores.tolist() == [1000]
    torch.testing.assert_close(gappy, clean)


def test_rows_do_not_influence_each_other():
    first, _ = drawn(7, (-2, 0.6), (2, 0.8))
    second, _ = drawn(8, (-3, 0.5), (-1, 0.5))
    both = fit_score_mixture(torch.stack([first, second]))
    alone = fit_score_mixture(second[None])
    torch.testing.assert_close(both.means[1], alone.means[0])


def test_half_precision_scores_fit_too():
    scores, _ = drawn(9, (-2, 0.6), (2, 0.8))
    half = fit_score_mixture(scores.half()[None])
    assert half.means.dtype == torch.float32
    torch.testing.assert_close(
        half.means, fit_score_mixture(scores[None]).means, atol=0.02, rtol=0
    )
