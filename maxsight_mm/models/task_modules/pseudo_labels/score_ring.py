"""The latest scores of each class, in bounded memory, and how many views they span."""

import torch
from torch import Tensor, nn


class ScoreRing(nn.Module):
    """A ring buffer a class; every score knows the view count at which it came.

    Args:
        num_classes: C.
        capacity: Scores kept of each class, K; more than a class has in one ``add``.
        max_views: Scores older than this many views are forgotten.
    """

    scores: Tensor
    is_true: Tensor
    stamps: Tensor
    cursor: Tensor
    views: Tensor

    def __init__(self, num_classes: int, capacity: int, max_views: int) -> None:
        super().__init__()
        self.max_views = max_views
        size = (num_classes, capacity)
        self.register_buffer('scores', torch.full(size, torch.nan))
        self.register_buffer('is_true', torch.zeros(size, dtype=torch.bool))
        self.register_buffer('stamps', torch.zeros(size, dtype=torch.long))
        self.register_buffer('cursor', torch.zeros(num_classes, dtype=torch.long))
        self.register_buffer('views', torch.zeros((), dtype=torch.long))

    def add(
        self, scores: Tensor, labels: Tensor, is_true: Tensor, num_views: int
    ) -> None:
        """Stores (n,) scores, their int64 classes and truths (bool) of some views."""
        num_classes, capacity = self.scores.shape
        labels, order = labels.sort(stable=True)
        count = torch.bincount(labels, minlength=num_classes)
        first = count.cumsum(dim=0) - count
        place = torch.arange(len(labels), device=labels.device) - first[labels]
        fits = place >= (count - capacity)[labels]
        labels, order = labels[fits], order[fits]
        place = (self.cursor[labels] + place[fits]) % capacity
        self.scores[labels, place] = scores[order].to(self.scores)
        self.is_true[labels, place] = is_true[order]
        self.stamps[labels, place] = self.views
        self.cursor += count
        self.views += num_views

    def clear(self) -> None:
        """Forgets every score and view."""
        self.scores.fill_(torch.nan)
        for buffer in (self.is_true, self.stamps, self.cursor, self.views):
            buffer.zero_()

    def recent(self) -> tuple[Tensor, Tensor]:
        """(C, K) scores, nan where empty or forgotten, and the (C,) views they span."""
        full = self.cursor >= self.scores.shape[1]
        start = torch.where(full, self.stamps.amin(dim=1), 0)
        start = start.clamp(min=int(self.views) - self.max_views)
        old = self.stamps < start[:, None]
        return self.scores.masked_fill(old, torch.nan), self.views - start
