"""Which scores of a class come from true boxes, told from the scores alone.

Two Gaussians on the logits of the scores, fitted by expectation maximisation, one row
a class. The idea of fitting two components to a detector's scores is that of arXiv
2303.14960 (Consistent Teacher); that the true boxes are no more than the labelled data
lead one to expect is our addition, and keeps the upper component from explaining half
of a large pile of low scores.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

MIN_SCORES = 20
_MIN_SPREAD = 0.1
_EPS = 1e-4
_TINY = 1e-6


class ScoreMixture(NamedTuple):
    """False (column 0) and true (column 1) boxes of C classes, on logits.

    ``weights``, ``means`` and ``spreads`` (standard deviations) are (C, 2) float32;
    a row is nan where the scores tell nothing. ``num_scores`` (C,) int64 is the number
    of scores that were used.
    """

    weights: Tensor
    means: Tensor
    spreads: Tensor
    num_scores: Tensor


@torch.no_grad()
def fit_score_mixture(
    scores: Tensor, max_true_share: Tensor | None = None, num_iters: int = 50
) -> ScoreMixture:
    """The likeliest two components of each row.

    A row has no fit if it holds fewer than ``MIN_SCORES`` finite scores, if these are
    all but equal, if a component died out, or if ``max_true_share`` is 0.

    Args:
        scores: (C, N) float in [0, 1]; what is not finite is left out.
        max_true_share: (C,) float, the largest share that true boxes may have; None
            for no limit.
        num_iters: Rounds of expectation maximisation.
    """
    if not scores.shape[1]:
        scores = scores.new_full((len(scores), 1), torch.nan)
    used = scores.isfinite()
    count = used.sum(dim=1)
    logits = scores.float().nan_to_num(0.5).clamp(_EPS, 1 - _EPS).logit()
    limit = logits.new_ones(len(logits)) if max_true_share is None else max_true_share
    limit = limit.to(logits).clamp(0, 1)
    true = _first_guess(logits, used, limit)
    false = used.float() - true
    for _ in range(num_iters):
        weight, mean, spread = _moments(logits, torch.stack([false, true]))
        share = torch.minimum(weight[1] / count.clamp(min=1), limit)
        weights = torch.stack([1 - share, share])
        density = _log_density(logits, mean, spread)
        density += weights.clamp(min=_TINY).log()[..., None]
        true = (density[1] - density[0]).sigmoid() * used
        false = used.float() - true
    alike = torch.where(used, logits, torch.inf).amin(dim=1) + _MIN_SPREAD
    alike = alike > torch.where(used, logits, -torch.inf).amax(dim=1)
    bad = (count < MIN_SCORES) | alike | (limit == 0)
    bad |= (mean[1] <= mean[0]) | (weight < 1).any(dim=0)
    weights, mean, spread = (
        part.masked_fill(bad, torch.nan).T for part in (weights, mean, spread)
    )
    return ScoreMixture(weights, mean, spread, count)


def true_probability(mixture: ScoreMixture, scores: Tensor) -> Tensor:
    """P(true | score), which never falls where the score rises.

    With unequal spreads the wider component wins in both tails, so that the log-odds,
    a parabola, turn at its vertex: beyond, the vertex's value holds.

    Args:
        mixture: Of C classes.
        scores: (C, M) float in [0, 1].

    Returns:
        (C, M) float32 in [0, 1]; nan in rows without a fit.
    """
    logits = scores.float().clamp(_EPS, 1 - _EPS).logit()
    (false, true), precision = mixture.means.T, mixture.spreads.T**-2
    curve = 0.5 * (precision[0] - precision[1])
    slope = true * precision[1] - false * precision[0]
    vertex = (-slope / (2 * curve))[:, None]
    falls_above = (curve < 0)[:, None] & (logits > vertex)
    falls_below = (curve > 0)[:, None] & (logits < vertex)
    logits = torch.where(falls_above | falls_below, vertex, logits)
    density = _log_density(logits, mixture.means.T, mixture.spreads.T)
    density += mixture.weights.T.clamp(min=_TINY).log()[..., None]
    return (density[1] - density[0]).sigmoid()


def _first_guess(logits: Tensor, used: Tensor, limit: Tensor) -> Tensor:
    """(C, N) 1 for scores above the split; at most ``limit`` of them where it binds.

    The split is Otsu's: of all cuts of the sorted scores the one whose two sides lie
    farthest apart, (mean difference)^2 * share * share.
    """
    ordered = torch.where(used, logits, torch.inf).sort(dim=1).values
    count = used.sum(dim=1, keepdim=True).clamp(min=1)
    below = torch.arange(1, logits.shape[1] + 1, device=logits.device)[None]
    total = torch.where(used, logits, 0.0).sum(dim=1, keepdim=True)
    sums = torch.where(ordered.isfinite(), ordered, 0.0).cumsum(dim=1)
    above = (count - below).clamp(min=1)
    apart = (((total - sums) / above) - sums / below) ** 2 * below * above
    apart = apart.masked_fill(below >= count, -1.0)
    cut = apart.argmax(dim=1, keepdim=True)
    least = (count * (1 - limit[:, None])).floor().long() - 1
    cut = torch.maximum(cut, least).clamp(max=torch.clamp(count - 2, min=0))
    return (used & (logits > ordered.gather(1, cut))).float()


def _moments(logits: Tensor, shares: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights, means and spreads, (2, C) each, of (2, C, N) memberships."""
    weight = shares.sum(dim=2)
    safe = weight.clamp(min=_TINY)
    mean = (shares * logits).sum(dim=2) / safe
    square = (shares * (logits - mean[..., None]) ** 2).sum(dim=2) / safe
    return weight, mean, square.sqrt().clamp(min=_MIN_SPREAD)


def _log_density(logits: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """(2, C, N) log of the normal densities at (C, N) logits."""
    distance = (logits - mean[..., None]) / spread[..., None]
    return -0.5 * distance**2 - (spread * math.sqrt(2 * math.pi)).log()[..., None]
