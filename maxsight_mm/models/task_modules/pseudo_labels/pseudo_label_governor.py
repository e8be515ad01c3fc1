"""Per-class thresholds of pseudo-labels that follow the teacher's scores.

Our design. A class's threshold is the mean of two estimates that fail for different
reasons:

* where the mixture of the scores on unlabelled views crosses P(true) = 0.5: the teacher
  has no labels of these boxes, but the shape of the distributions may mislead;
* the F-beta optimum on labelled views, carried over by rank, that is by boxes kept per
  view: the student was trained on these pictures and is surer there than on new ones,
  so that their scores are not comparable, but their order is. It presumes that both
  sets show the class about equally often.

``docs/defects.md`` tells how the rule compared with others on simulated scores.
"""

import math
from statistics import fmean

import torch
from mmengine.dist import all_gather, all_reduce
from torch import Tensor

from maxsight_mm.registry import TASK_UTILS

from .f_beta_threshold import f_beta_threshold
from .pseudo_labels import PseudoLabels
from .score_mixture import MIN_SCORES, fit_score_mixture, true_probability

_STEPS = 1000
# Just above a score, so that it is not kept.
_ABOVE = 1e-6


@TASK_UTILS.register_module()
class PseudoLabelGovernor(PseudoLabels):
    """Thresholds from the scores themselves, held between a floor and a ceiling.

    ``status`` names what set each threshold last: ``mixture`` (with the labelled views,
    where they tell something), ``labelled`` (these alone), ``floor``, ``ceiling``,
    ``too few scores`` (unchanged) or ``no labelled boxes`` (nothing is kept, the
    threshold is infinite).

    Args:
        num_classes: C.
        capacity: See ``PseudoLabels``.
        max_views: See ``PseudoLabels``.
        beta: Recall counts ``beta`` times as much as precision on labelled views.
        floor: Pseudo-labels per unlabelled view, as a share of the labelled boxes per
            labelled view, that a class gets at least, however low its scores are.
        ceiling: The same at most; also how many true boxes the mixture may see.
        interval_iters: Iterations between two calls of ``update``.
        min_score: No threshold is lower; candidates below are not remembered.
        start_threshold: Until there is enough to learn from.
        momentum: Share of the new threshold in the one in use.
        weigh_by_precision: Weigh pseudo-labels by their estimated P(true | score),
            else by 1.

    Raises:
        ValueError: If a number is out of its range.
    """

    precision: Tensor
    start: Tensor

    def __init__(
        self,
        num_classes: int,
        capacity: int = 2048,
        max_views: int = 8192,
        beta: float = 1.0,
        floor: float = 0.3,
        ceiling: float = 1.2,
        interval_iters: int = 50,
        min_score: float = 0.05,
        start_threshold: float | list[float] = 0.5,
        momentum: float = 0.5,
        weigh_by_precision: bool = True,
    ) -> None:
        super().__init__(
            num_classes, start_threshold, capacity, max_views, interval_iters, min_score
        )
        if not 0 <= floor <= ceiling:
            raise ValueError(f'expected 0 <= floor <= ceiling, got {floor}, {ceiling}')
        if not beta > 0:
            raise ValueError(f'beta must be positive, got {beta}')
        if not 0 < momentum <= 1:
            raise ValueError(f'momentum must lie in (0, 1], got {momentum}')
        self.beta = beta
        self.floor = floor
        self.ceiling = ceiling
        self.momentum = momentum
        self.weigh_by_precision = weigh_by_precision
        self.register_buffer('start', self.thresholds.clone(), persistent=False)
        # P(true | score) at 0, 0.001, ..., 1; until fitted the score itself.
        steps = torch.linspace(0, 1, _STEPS + 1).expand(num_classes, -1)
        self.register_buffer('precision', steps.clone())

    def weight(self, scores: Tensor, labels: Tensor) -> Tensor:
        """(n,) float in [0, 1], the estimated P(true | score) of each pseudo-label."""
        if not self.weigh_by_precision:
            return super().weight(scores, labels)
        step = (scores.float() * _STEPS).round().long().clamp(0, _STEPS)
        return self.precision[labels, step].to(scores)

    @torch.no_grad()
    def update(self, expected_per_view: Tensor) -> None:
        """Fits the thresholds anew, from what all ranks saw; all get the same.

        Args:
            expected_per_view: (C,) float, labelled boxes per labelled view; over the
                ranks its mean counts.
        """
        scores, views = _of_all_ranks(*self.unlabelled.recent())
        labelled, labelled_views = _of_all_ranks(*self.labelled.recent())
        is_true = torch.cat(all_gather(self.labelled.is_true), dim=1)
        per_view = expected_per_view.to(self.thresholds).clone()
        all_reduce(per_view, 'mean')
        expected = per_view * views

        count = scores.isfinite().sum(dim=1)
        mixture = fit_score_mixture(
            scores, self.ceiling * expected / count.clamp(min=1)
        )
        steps = torch.linspace(0, 1, _STEPS + 1, device=scores.device)
        chance = true_probability(mixture, steps.expand(self.num_classes, -1))
        fitted = chance.isfinite().all(dim=1)
        self.precision.copy_(torch.where(fitted[:, None], chance, self.precision))

        crossings = torch.where(fitted, (chance < 0.5).sum(dim=1) / _STEPS, torch.nan)
        scores, labelled, is_true = scores.cpu(), labelled.cpu(), is_true.cpu()
        ordered = scores.nan_to_num(-1.0).sort(dim=1, descending=True).values
        views_ratio = (views / labelled_views.clamp(min=1)).tolist()
        estimates = zip(
            crossings.tolist(), count.tolist(), expected.tolist(), strict=True
        )
        new = self.thresholds.tolist()
        for index, (crossing, number, true_boxes) in enumerate(estimates):
            best = ordered[index, :number]
            if per_view[index] == 0:
                new[index], self.status[index] = torch.inf, 'no labelled boxes'
                continue
            if new[index] == torch.inf:
                new[index] = float(self.start[index])
            # Few scores where few were to be expected tell nothing.
            if number < MIN_SCORES and self.floor * true_boxes < MIN_SCORES:
                self.status[index] = 'too few scores'
                continue
            by_rank = self._labelled_by_rank(
                labelled[index], is_true[index], best, views_ratio[index]
            )
            target, status = new[index], 'too few scores'
            found = [each for each in (crossing, by_rank) if not math.isnan(each)]
            if found:
                target = fmean(found)
                status = 'labelled' if math.isnan(crossing) else 'mixture'
                target = new[index] + self.momentum * (target - new[index])
            new[index], self.status[index] = self._within_bounds(
                target, status, best, true_boxes
            )
        self.thresholds.copy_(torch.tensor(new))

    def _labelled_by_rank(
        self, labelled: Tensor, is_true: Tensor, best: Tensor, views_ratio: float
    ) -> float:
        """Threshold that keeps as much per view as F-beta's optimum does; nan if none.

        Args:
            labelled: (K,) float scores on labelled views; 0 for missed boxes.
            is_true: (K,) bool.
            best: (n,) float, falling scores on unlabelled views.
            views_ratio: Unlabelled views per labelled one.
        """
        given = labelled > 0
        missed = int((labelled == 0).sum())
        optimum = f_beta_threshold(labelled[given], is_true[given], missed, self.beta)
        if optimum is None:
            return math.nan
        rank = max(int((labelled >= optimum).sum() * views_ratio), 1)
        return float(best[rank - 1]) if rank <= len(best) else self.min_score

    def _within_bounds(
        self, threshold: float, status: str, best: Tensor, true_boxes: float
    ) -> tuple[float, str]:
        """A threshold with which floor and ceiling hold; of equal scores none or all.

        Args:
            threshold: In [0, 1].
            status: What set it.
            best: (n,) float, falling scores on unlabelled views.
            true_boxes: True boxes to be expected in these views.
        """
        least, most = int(self.floor * true_boxes), int(self.ceiling * true_boxes)
        if least > 0:
            low = float(best[least - 1]) if least <= len(best) else self.min_score
            if threshold > low:
                threshold, status = low, 'floor'
        if most < len(best) and float(best[most]) >= threshold:
            threshold, status = float(best[most]) + _ABOVE, 'ceiling'
        return max(threshold, self.min_score), status


def _of_all_ranks(scores: Tensor, views: Tensor) -> tuple[Tensor, Tensor]:
    """(C, ranks * K) scores and the sum of the (C,) views."""
    views = views.clone()
    all_reduce(views)
    return torch.cat(all_gather(scores), dim=1), views
