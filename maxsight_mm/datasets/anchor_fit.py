"""Aspects and scales of anchors fitted to the boxes of a data set.

Between shapes of one area the centred IoU falls with the distance of their log
aspects alone, so the best K aspects are K medians on a line, and those are found
exactly by dynamic programming (Wang and Song, "Ckmeans.1d.dp", 2011) over log aspects
in bins. What is least is the mean of (1 - IoU) squared: a box far off needs an anchor
more than a near one needs a better. Classes weigh the same, whatever their number of
boxes; or, with ``balance='need'``, more where the fit is bad, so that a hard narrow
class is not given up for the others. No random number is drawn.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .anchor_overlap import Floats, best_aspect_iou

Balance = Literal['equal', 'need', 'count']
BINS = 192
NEED_ROUNDS = 12


def aspect_quartiles(
    boxes_wh: Floats, labels: NDArray[np.integer], num_classes: int
) -> Floats:
    """(num_classes, 3) quartiles of width / height; NaN for a class without boxes."""
    aspects = boxes_wh[:, 0] / boxes_wh[:, 1]
    rows = np.full((num_classes, 3), np.nan)
    for label in range(num_classes):
        own = aspects[labels == label]
        if len(own):
            rows[label] = np.quantile(own, [0.25, 0.5, 0.75])
    return rows


def class_means(values: Floats, labels: NDArray[np.integer]) -> Floats:
    """(P,) mean of each class that is present, by rising label."""
    return np.array([values[labels == label].mean() for label in np.unique(labels)])


def squared_miss(iou: Floats) -> Floats:
    """What the fit makes small, of an IoU in [0, 1]."""
    return (1 - iou) ** 2


def fit_aspects(
    boxes_wh: Floats,
    labels: NDArray[np.integer],
    count: int,
    balance: Balance = 'equal',
) -> Floats:
    """Aspects that the boxes overlap best with, size left aside.

    Args:
        boxes_wh: (N, 2) widths and heights, above 0.
        labels: (N,) class of each box.
        count: How many aspects.
        balance: ``equal`` weighs classes equally, ``count`` boxes; ``need`` raises
            in turns the weights of classes that fit worse than the mean, and keeps
            the turn whose worst class fits best.

    Returns:
        (count,) rising width / height; fewer where the boxes have fewer shapes.

    Raises:
        ValueError: If there is no box, or ``count`` is not positive.
    """
    if not len(boxes_wh):
        raise ValueError('fit of anchors: there are no boxes')
    if count < 1:
        raise ValueError(f'fit of anchors: count must be 1 or more, got {count}')
    classes, members, totals = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    share = np.ones(len(classes)) if balance != 'count' else totals.astype(float)
    best: Floats = np.empty(0)
    best_worst = -1.0
    for _ in range(NEED_ROUNDS if balance == 'need' else 1):
        aspects = _medians(boxes_wh, (share / totals)[members], count)
        means = class_means(best_aspect_iou(boxes_wh, aspects), labels)
        if means.min() > best_worst:
            best, best_worst = aspects, float(means.min())
        share = share * np.exp(4 * (means.mean() - means))
    return best


def fit_base_scale(
    mean_miss: Callable[[float], float],
    current: float,
    gain: float = 0.02,
) -> float:
    """Scale with the least miss, near the current one where they hardly differ.

    Args:
        mean_miss: Squared miss that the anchors of a base scale leave.
        current: Base scale to start from.
        gain: Share by which a scale further away must lower it.

    Returns:
        ``current`` or one of the quarter octaves from 1 to 32.
    """
    tried = 2 ** (np.arange(0, 21) / 4)
    candidates = sorted(tried, key=lambda scale: abs(np.log(scale / current)))
    best, least = current, mean_miss(current)
    for scale in candidates:
        miss = mean_miss(float(scale))
        if miss < least * (1 - gain):
            best, least = float(scale), miss
    return best


def scales_of(base_scale: float, per_octave: int) -> list[float]:
    """``per_octave`` scales from ``base_scale`` to less than its double."""
    return [base_scale * 2 ** (i / per_octave) for i in range(per_octave)]


def _medians(boxes_wh: Floats, weights: Floats, count: int) -> Floats:
    """(<= count,) aspects with the least weighted sum of squared misses."""
    logs = np.log(boxes_wh[:, 0] / boxes_wh[:, 1])
    edges = np.linspace(logs.min(), logs.max(), BINS + 1)
    bins = np.clip(np.searchsorted(edges, logs, side='right') - 1, 0, BINS - 1)
    mass = np.bincount(bins, weights, BINS)
    moment = np.bincount(bins, weights * logs, BINS)
    filled = mass > 0
    mass, points = mass[filled], moment[filled] / mass[filled]
    overlap = np.exp(-np.abs(points[:, None] - points[None]) / 2)
    # (point, centre), summed over the points before each
    loss = mass[:, None] * squared_miss(overlap / (2 - overlap))
    summed = np.concatenate([np.zeros((1, len(points))), loss.cumsum(axis=0)])
    return np.exp(_split(summed, points, min(count, len(points))))


def _split(summed: Floats, points: Floats, count: int) -> Floats:
    """Centres of the ``count`` runs of neighbouring points that lose least."""
    size = len(points)
    run_loss = np.full((size, size + 1), np.inf)
    run_centre = np.zeros((size, size + 1), dtype=int)
    for start in range(size):
        losses = summed[start + 1 :] - summed[start]
        run_centre[start, start + 1 :] = losses.argmin(axis=1)
        run_loss[start, start + 1 :] = losses.min(axis=1)
    total = np.full(size + 1, np.inf)
    total[0] = 0.0
    starts: list[Sequence[int]] = []
    for _ in range(count):
        candidates = total[:-1, None] + run_loss
        starts.append(candidates.argmin(axis=0).tolist())
        total = candidates.min(axis=0)
    end, centres = size, []
    for taken in reversed(starts):
        start = taken[end]
        centres.append(points[run_centre[start, end]])
        end = start
    return np.array(sorted(centres))
