"""Safe, unsafe, or a human: for images and for detections, under a review budget."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from .decision_rule import Decision, DecisionRule
from .review_budget import RollingReviewBudget


class ReviewRouter:
    """One decision a picture.

    A picture without an answer always goes to review. A picture that is merely unsure
    goes there while the budget lasts, and is held back as unsafe when it is used up:
    nothing becomes safe for want of a human.

    Args:
        rule: Thresholds.
        budget: Limit of reviews; without it there is none.
    """

    def __init__(
        self, rule: DecisionRule, budget: RollingReviewBudget | None = None
    ) -> None:
        self.rule = rule
        self.budget = budget

    def of_logits(self, picture: str, logits: Sequence[float] | np.ndarray) -> Decision:
        """A classified image.

        Args:
            picture: Its name.
            logits: (K,) float of the rule's task.

        Raises:
            ValueError: If there are not K logits.
        """
        return self.of_score(picture, self.rule.unsafe_score(logits))

    def of_detections(
        self, picture: str, scores: ArrayLike, labels: ArrayLike, classes: Sequence[str]
    ) -> Decision:
        """An image with detections: it is as unsafe as its surest unsafe object.

        The highest score, not the chance that any is real: boxes of one object would
        count as several. Temperature and activation are the detector's own business.

        Args:
            picture: Its name.
            scores: (N,) float in [0, 1].
            labels: (N,) int, positions in ``classes``.
            classes: Names; those in the rule's ``unsafe`` count.

        Raises:
            ValueError: If an unsafe class is none of ``classes``, or lengths differ.
        """
        score, label = np.asarray(scores, float), np.asarray(labels, int)
        if score.shape != label.shape or score.ndim != 1:
            raise ValueError(f'{score.size} scores but {label.size} labels')
        missing = [name for name in self.rule.unsafe if name not in classes]
        if missing:
            raise ValueError(f'no class {missing[0]!r} among {", ".join(classes)}')
        unsafe = np.isin(label, [list(classes).index(n) for n in self.rule.unsafe])
        # A nan among the scores is a broken answer, whatever class it stands beside.
        if not np.isfinite(score).all():
            return self.of_score(picture, None)
        return self.of_score(picture, float(score[unsafe].max(initial=0.0)))

    def of_score(self, picture: str, score: float | None) -> Decision:
        """An image with an unsafe score in [0, 1]."""
        decision = self.rule.decide(picture, score)
        unsure = decision.outcome == 'review' and decision.score is not None
        if unsure and self.budget is not None and self.budget.is_used_up:
            decision = replace(
                decision, outcome='unsafe', reason='unsure, review budget used up'
            )
        return self._noted(decision)

    def unavailable(self, picture: str, reason: str) -> Decision:
        """An image without an answer: unreadable, or the model failed."""
        return self._noted(self.rule.unavailable(picture, reason))

    def _noted(self, decision: Decision) -> Decision:
        if self.budget is not None:
            self.budget.record(decision.outcome == 'review')
        return decision


def count_outcomes(decisions: Sequence[Decision]) -> Mapping[str, int]:
    """Number of decisions by outcome, and how many had no answer."""
    counts = {'safe': 0, 'unsafe': 0, 'review': 0, 'unavailable': 0}
    for decision in decisions:
        counts[decision.outcome] += 1
        counts['unavailable'] += decision.score is None
    return counts
