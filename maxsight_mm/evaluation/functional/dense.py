"""Errors of dense maps as sums that can be added up over images.

AbsRel, RMSE and the share within 1.25 are the usual depth figures (Eigen et al.,
arXiv 1406.2283), endpoint error the usual one of flow. A ``ConstantCost`` finds what
the best constant map would have cost without keeping the labels (our design).
"""

from dataclasses import dataclass

import numpy as np

DELTA = 1.25
# 0.1 m to about 1000 m; eight steps a factor of 1.25, so that the bounds of "within
# 1.25" around an edge are edges too.
DEPTH_EDGES = 0.1 * DELTA ** (np.arange(330) / 8)
SHARE_EDGES = np.arange(65) / 64


def resize_bilinear(
    values: np.ndarray, size: tuple[int, int], valid: tuple[float, float] = (1.0, 1.0)
) -> np.ndarray:
    """Resample maps; pixels are areas, as in ``F.interpolate(align_corners=False)``.

    Args:
        values: (K, h, w) float.
        size: Height and width of the result.
        valid: Shares of the height and the width, from the upper left, that the
            result shows; the rest is padding.

    Returns:
        (K, *size) float64.
    """
    values = values.astype(np.float64)
    for axis in (0, 1):
        length = values.shape[axis + 1]
        step = length * valid[axis] / size[axis]
        last = max(int(np.ceil(length * valid[axis] - 1e-6)) - 1, 0)
        place = np.clip((np.arange(size[axis]) + 0.5) * step - 0.5, 0, last)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, last)
        share = (place - low).reshape((-1, 1) if axis == 0 else (1, -1))
        below, above = (values.take(index, axis + 1) for index in (low, high))
        values = below + (above - below) * share
    return values


def depth_sums(depth: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Sums of one image over the pixels whose true depth is finite and positive.

    Args:
        depth: (H, W) float, metres.
        truth: (H, W) float, metres; nan or 0 is unlabelled.

    Returns:
        (4,) float64: pixels, sum of |d - d*| / d*, sum of (d - d*)^2, and pixels
        whose ratio of depths is below 1.25.
    """
    known = np.isfinite(truth) & (truth > 0)
    answer, true = depth[known].astype(np.float64), truth[known].astype(np.float64)
    off = answer - true
    within = (answer < DELTA * true) & (true < DELTA * answer)
    return np.array(
        [true.size, (np.abs(off) / true).sum(), (off**2).sum(), within.sum()]
    )


def endpoint_sums(flow: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Sums of one image over the pixels whose true flow is finite.

    Args:
        flow: (2, H, W) float, px.
        truth: (2, H, W) float, px; nan is unlabelled.

    Returns:
        (3,) float64: pixels, sum of the endpoint errors, and what no motion at all
        would have cost.
    """
    known = np.isfinite(truth).all(axis=0)
    true = truth[:, known].astype(np.float64)
    error = np.linalg.norm(flow[:, known] - true, axis=0)
    return np.array([known.sum(), error.sum(), np.linalg.norm(true, axis=0).sum()])


@dataclass
class ConstantCost:
    """What a constant answer costs, exact for constants at the edges of a histogram.

    ``edges`` (E,) rise. ``count``, ``total`` and ``inverse`` (E + 1,) float64 are the
    number of values in each bin, their sum and the sum of their inverses. Costs of
    several images add up.
    """

    edges: np.ndarray
    count: np.ndarray
    total: np.ndarray
    inverse: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, edges: np.ndarray) -> 'ConstantCost':
        """Costs of (N,) finite values; for ``relative_error`` they are positive."""
        values = values.astype(np.float64)
        bins = np.searchsorted(edges, values, side='right')
        inverse = np.divide(1, values, out=np.zeros_like(values), where=values > 0)
        num = len(edges) + 1
        return cls(
            edges,
            np.bincount(bins, minlength=num).astype(np.float64),
            np.bincount(bins, values, num),
            np.bincount(bins, inverse, num),
        )

    def __add__(self, other: 'ConstantCost') -> 'ConstantCost':
        return ConstantCost(
            self.edges,
            self.count + other.count,
            self.total + other.total,
            self.inverse + other.inverse,
        )

    def absolute_error(self) -> float:
        """Least mean of |c - v|; nan without values."""
        return self._least(self.count, self.total)

    def relative_error(self) -> float:
        """Least mean of |c - v| / v; nan without values."""
        return self._least(self.inverse, self.count)

    def within_ratio(self, steps: int = 8) -> float:
        """Largest share of values between the edges ``steps`` below and above one."""
        if not self.count.sum():
            return float('nan')
        below = np.concatenate([[0.0], np.cumsum(self.count)])
        low = np.maximum(np.arange(1, len(self.edges) + 1) - steps, 0)
        high = np.minimum(np.arange(1, len(self.edges) + 1) + steps, len(below) - 1)
        return float((below[high] - below[low]).max() / self.count.sum())

    def _least(self, weight: np.ndarray, moment: np.ndarray) -> float:
        """Least sum of |c * weight - moment| over the edges c, per value."""
        if not self.count.sum():
            return float('nan')
        weight_below, moment_below = np.cumsum(weight)[:-1], np.cumsum(moment)[:-1]
        below = self.edges * weight_below - moment_below
        above = moment.sum() - moment_below
        above = above - self.edges * (weight.sum() - weight_below)
        return float((below + above).min() / self.count.sum())
