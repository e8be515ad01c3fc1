"""What a teacher's scores look like, and how many become pseudo-labels."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

BINS = 10


class ScoreSummary(NamedTuple):
    """Scores in [0, 1] of C classes; nan where a class has none.

    Attributes:
        mean: (C,) by class.
        median: (C,) by class.
        overall_mean: Of all scores alike.
        overall_median: Of all scores alike.
        histogram: (C, 10) counts in bins of 0.1, the last one with 1.0 in it.
    """

    mean: list[float]
    median: list[float]
    overall_mean: float
    overall_median: float
    histogram: list[list[int]]


@torch.no_grad()
def score_summary(memory: Tensor) -> ScoreSummary:
    """Summarises the scores remembered of each class.

    Args:
        memory: (C, K) float in [0, 1], nan where empty.
    """
    memory = memory.float().cpu()
    histogram = [
        torch.bincount(
            (row[row.isfinite()] * BINS).long().clamp(0, BINS - 1), None, BINS
        )
        for row in memory
    ]
    return ScoreSummary(
        memory.nanmean(dim=1).tolist(),
        memory.nanquantile(0.5, dim=1).tolist(),
        float(memory.nanmean()),
        float(memory.flatten().nanquantile(0.5)),
        [row.tolist() for row in histogram],
    )


def kept_ratio(kept: Tensor, seen: Tensor) -> list[float]:
    """(C,) share of the candidates that became pseudo-labels, nan without any.

    Args:
        kept: (C,) int64.
        seen: (C,) int64.
    """
    return (kept.double() / seen.double()).tolist()


def silent_intervals(kept: Sequence[int]) -> int:
    """Latest intervals in a row in which nothing was kept.

    Args:
        kept: Pseudo-labels in each interval, the latest last.
    """
    silent = 0
    for number in reversed(kept):
        if number:
            break
        silent += 1
    return silent


@torch.no_grad()
def kept_and_true(
    scores: Tensor, is_true: Tensor, thresholds: Tensor
) -> tuple[int, int]:
    """Boxes on labelled views that would be pseudo-labels, and the true ones of them.

    Args:
        scores: (C, K) float, nan where empty; 0 for true boxes that were not found.
        is_true: (C, K) bool.
        thresholds: (C,) float.
    """
    kept = (scores >= thresholds[:, None]) & (scores > 0)
    return int(kept.sum()), int((kept & is_true).sum())
