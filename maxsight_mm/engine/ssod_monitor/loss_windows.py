"""A loss in consecutive windows: mean and coefficient of variation of each.

Losses are kept as blocks of some iterations (count, mean, deviation), from which the
figures of any longer window follow exactly, also over a resume.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Block = Mapping[str, Any]


class LossWindow(NamedTuple):
    """One whole window.

    Attributes:
        step: Iteration at its end.
        mean: Of the loss.
        variation: Standard deviation about the linear trend / mean.
    """

    step: int
    mean: float
    variation: float


def mean_and_variation(blocks: Sequence[Block]) -> tuple[float, float]:
    """Mean and coefficient of variation over blocks; nan without a finite one.

    The deviation is taken from the linear trend of the blocks' means: a loss that falls
    steadily is not unstable.

    Args:
        blocks: Each with ``step``, ``count`` finite losses, their ``mean`` and ``std``
            (of the population).
    """
    usable = [block for block in blocks if block['count']]
    if not usable:
        return math.nan, math.nan
    counts, means, stds, steps = (
        np.array([block[key] for block in usable], float)
        for key in ('count', 'mean', 'std', 'step')
    )
    mean, middle = (np.average(each, weights=counts) for each in (means, steps))
    spread = (counts * (steps - middle) ** 2).sum()
    slope = (counts * (steps - middle) * means).sum() / spread if spread else 0.0
    rest = means - mean - slope * (steps - middle)
    # Var = E[Var of a block] + Var of the blocks' means, here about the trend
    variance = np.average(stds**2 + rest**2, weights=counts)
    return float(mean), float(np.sqrt(variance) / abs(mean)) if mean else math.nan


def loss_windows(blocks: Sequence[Block], window_iters: int) -> list[LossWindow]:
    """Cuts blocks into whole windows of at least ``window_iters`` iterations.

    Args:
        blocks: In order of time, as above.
        window_iters: Length of a window; what remains at the end is left out.
    """
    windows, pending, filled = [], [], 0
    for block in blocks:
        pending.append(block)
        filled += block['count']
        if filled >= window_iters:
            windows.append(LossWindow(block['step'], *mean_and_variation(pending)))
            pending, filled = [], 0
    return windows
