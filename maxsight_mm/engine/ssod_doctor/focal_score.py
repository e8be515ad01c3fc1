"""The score that a loss's own minimiser gives a box that is right with probability q.

A classifier trained to the optimum of a focal loss does not answer q: the loss pays
for hesitation, and the score is drawn to the middle (Mukhoti et al., arXiv
2002.09437). Here the optimum is computed, for a sigmoid from
``q a (1-p)^g (-log p) + (1-q) (1-a) p^g (-log(1-p))``, for a softmax from the sum over
the classes; and where the head trains sigmoids and scores with a softmax, the optimal
logits go through the softmax. How the rest, 1 - q, is spread matters there: all on
the background, or evenly over background and other classes.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Rest = Literal['background', 'spread']
_STEPS = 80


@dataclass(frozen=True)
class ScoreRule:
    """How a head learns and gives its scores.

    Attributes:
        train_sigmoid: Whether the loss takes independent sigmoids.
        test_sigmoid: Whether scores are sigmoids.
        gamma: Focusing exponent; 0 is cross entropy.
        alpha: Weight of the positive side of a sigmoid focal loss; 0.5 is even.
        num_classes: Classes without the background.
    """

    train_sigmoid: bool
    test_sigmoid: bool
    gamma: float
    alpha: float
    num_classes: int


def optimal_logit(posterior: float, gamma: float, alpha: float = 0.5) -> float:
    """Logit at which a sigmoid focal loss is least, for the rate of positives."""

    def slope(logit: float) -> float:
        p, rest = _sigmoid(logit), _sigmoid(-logit)
        up = posterior * alpha * _slope(p, rest, gamma)
        return up - (1 - posterior) * (1 - alpha) * _slope(rest, p, gamma)

    return _root(slope, -40.0, 40.0)


def optimal_softmax_score(posterior: float, gamma: float, others: int) -> float:
    """Softmax score with the least focal loss, the rest spread over ``others``."""

    def slope(logit: float) -> float:
        p, rest = _sigmoid(logit), _sigmoid(-logit)
        each = rest / others
        up = posterior * _slope(p, rest, gamma)
        return up - (1 - posterior) / others * _slope(each, 1 - each, gamma)

    return _sigmoid(_root(slope, -40.0, 40.0))


def score_of(posterior: float, rule: ScoreRule, rest: Rest = 'background') -> float:
    """Score of a class that is the right one with a probability.

    Args:
        posterior: In (0, 1), the precision of boxes that look the same.
        rule: Of the head.
        rest: Where the remaining probability lies; of no matter for sigmoid scores.
    """
    others = 1 if rest == 'background' else rule.num_classes
    if not rule.train_sigmoid:
        return optimal_softmax_score(posterior, rule.gamma, others)
    logit = optimal_logit(posterior, rule.gamma, rule.alpha)
    if rule.test_sigmoid:
        return _sigmoid(logit)
    other = optimal_logit((1 - posterior) / others, rule.gamma, rule.alpha)
    return _sigmoid(logit - other - float(np.log(others)))


def precision_for(score: float, rule: ScoreRule, rest: Rest = 'background') -> float:
    """Probability of being right that a box needs to reach a score."""
    low, high = 1e-6, 1 - 1e-6
    for _ in range(40):
        middle = (low + high) / 2
        if score_of(middle, rule, rest) < score:
            low = middle
        else:
            high = middle
    return high


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def _slope(p: float, rest: float, gamma: float) -> float:
    """Derivative by p of ``(1 - p)^gamma (-log p)``; ``rest`` is 1 - p."""
    if gamma == 0:
        return -1 / p
    return float(gamma * rest ** (gamma - 1) * np.log(p) - rest**gamma / p)


def _root(slope, low: float, high: float) -> float:
    """Where a rising function crosses zero."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if slope(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
