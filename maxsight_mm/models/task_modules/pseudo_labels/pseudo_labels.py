"""What every governor of pseudo-labels has: counts, memories, thresholds."""

import torch
from mmengine.dist import get_rank
from torch import Tensor, nn

from .score_ring import ScoreRing


class PseudoLabels(nn.Module):
    """Decides which of a teacher's boxes become pseudo-labels, class by class.

    Its buffers (``thresholds`` (C,) float32, ``seen`` and ``kept`` (C,) int64, the
    memories) are saved in checkpoints. ``status`` says for each class where its
    threshold comes from.

    Args:
        num_classes: C.
        start_threshold: Of all classes, or one a class.
        capacity: Scores remembered of each class, on unlabelled views and on labelled
            ones; more than a class has candidates in one iteration.
        max_views: Scores older than this many views are forgotten.
        interval_iters: Iterations between two calls of ``update``.
        min_score: Candidates below are neither remembered nor kept.

    Raises:
        ValueError: If a number is out of its range.
    """

    thresholds: Tensor
    seen: Tensor
    kept: Tensor
    non_finite: Tensor

    def __init__(
        self,
        num_classes: int,
        start_threshold: float | list[float],
        capacity: int = 2048,
        max_views: int = 8192,
        interval_iters: int = 50,
        min_score: float = 0.05,
    ) -> None:
        super().__init__()
        for name, number in (
            ('num_classes', num_classes),
            ('capacity', capacity),
            ('max_views', max_views),
            ('interval_iters', interval_iters),
        ):
            if number < 1:
                raise ValueError(f'{name} must be 1 or more, got {number}')
        start = torch.as_tensor(start_threshold, dtype=torch.float32)
        if start.ndim > 1 or start.ndim and len(start) != num_classes:
            raise ValueError(
                f'expected one threshold or {num_classes}, got {start_threshold}'
            )
        for name, value in (('min_score', min_score), ('threshold', start)):
            if not (
                (torch.as_tensor(value) >= 0) & (torch.as_tensor(value) <= 1)
            ).all():
                raise ValueError(f'{name} must lie in [0, 1], got {value}')
        self.num_classes = num_classes
        self.interval_iters = interval_iters
        self.min_score = min_score
        self.status = ['too few scores'] * num_classes
        self.unlabelled = ScoreRing(num_classes, capacity, max_views)
        self.labelled = ScoreRing(num_classes, capacity, max_views)
        self.register_buffer('thresholds', start.expand(num_classes).clone())
        for name in ('seen', 'kept'):
            self.register_buffer(name, torch.zeros(num_classes, dtype=torch.long))
        self.register_buffer('non_finite', torch.zeros((), dtype=torch.long))
        self.register_load_state_dict_post_hook(_keep_on_rank_0)

    @property
    def score_memory(self) -> Tensor:
        """(C, capacity) float32, latest scores on unlabelled views; nan where empty or
        older than ``max_views``."""
        return self.unlabelled.recent()[0]

    @torch.no_grad()
    def observe(self, scores: Tensor, labels: Tensor, num_views: int = 1) -> None:
        """Remembers the candidates of some unlabelled views.

        Args:
            scores: (n,) float in [0, 1]; what is not finite is counted and left out.
            labels: (n,) int64 classes.
            num_views: Number of views that the candidates come from.
        """
        self.non_finite += (~scores.isfinite()).sum()
        use = scores.isfinite() & (scores >= self.min_score)
        truth = torch.zeros_like(labels[use], dtype=torch.bool)
        self.unlabelled.add(scores[use], labels[use], truth, num_views)

    @torch.no_grad()
    def observe_labelled(
        self, scores: Tensor, labels: Tensor, is_true: Tensor, missed: Tensor
    ) -> None:
        """Remembers the teacher's boxes on one labelled view.

        Args:
            scores: (n,) float in [0, 1]; what is not finite is counted and left out.
            labels: (n,) int64 classes.
            is_true: (n,) bool, whether the box lies on a labelled one of its class.
            missed: (C,) int64, labelled boxes that no box lies on; remembered as true
                boxes of score 0.
        """
        self.non_finite += (~scores.isfinite()).sum()
        use = scores.isfinite() & ((scores >= self.min_score) | is_true)
        not_found = torch.arange(self.num_classes, device=labels.device)
        not_found = not_found.repeat_interleave(missed.to(labels.device))
        self.labelled.add(
            torch.cat([scores[use], scores.new_zeros(len(not_found))]),
            torch.cat([labels[use], not_found]),
            torch.cat([is_true[use], torch.ones_like(not_found, dtype=torch.bool)]),
            num_views=1,
        )

    @torch.no_grad()
    def keep(self, scores: Tensor, labels: Tensor, least: float = 0.0) -> Tensor:
        """The pseudo-labels among some boxes; ``seen`` and ``kept`` count them.

        Args:
            scores: (n,) float in [0, 1].
            labels: (n,) int64 classes.
            least: Scores up to this are none, whatever the threshold.

        Returns:
            (n,) bool.
        """
        kept = scores.isfinite() & (scores >= self.thresholds[labels])
        kept &= scores > least
        for counts, which in ((self.seen, labels), (self.kept, labels[kept])):
            counts += torch.bincount(which, minlength=self.num_classes)
        return kept

    def weight(self, scores: Tensor, labels: Tensor) -> Tensor:
        """(n,) float in [0, 1], the share of each pseudo-label in the loss."""
        return torch.ones_like(scores)

    def update(self, expected_per_view: Tensor) -> None:
        """Takes what was observed into account.

        Args:
            expected_per_view: (C,) float, labelled boxes per labelled view.
        """
        raise NotImplementedError

    def reset_counts(self) -> None:
        """Sets ``seen``, ``kept`` and ``non_finite`` to 0."""
        for counts in (self.seen, self.kept, self.non_finite):
            counts.zero_()


def _keep_on_rank_0(module: nn.Module, _: object) -> None:
    """A checkpoint holds the memory of rank 0: read by all, it would count as often."""
    if get_rank() != 0:
        assert isinstance(module, PseudoLabels)
        module.unlabelled.clear()
        module.labelled.clear()
