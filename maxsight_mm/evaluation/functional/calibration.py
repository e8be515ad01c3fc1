"""Does a stated confidence come true? Reliability bins and their mean gap.

Equal-width bins: Guo et al. 2017, arXiv 1706.04599. Equal-mass bins, which do not
hang on a few crowded bins: Nixon et al. 2019, arXiv 1904.01685.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

SCHEMES = ('equal_width', 'equal_mass')


class CalibrationBins(NamedTuple):
    """Reliability diagram of B non-empty bins; all fields are (B,).

    ``upper`` is the bin's right edge (included), ``cases`` their number;
    ``confidence`` and ``outcome`` are the means inside the bin, in [0, 1].
    """

    upper: np.ndarray
    cases: np.ndarray
    confidence: np.ndarray
    outcome: np.ndarray


def calibration_bins(
    confidence: ArrayLike,
    outcome: ArrayLike,
    num_bins: int = 15,
    scheme: str = 'equal_width',
) -> CalibrationBins:
    """Mean confidence and mean outcome per bin of confidence.

    Args:
        confidence: (N,) float in [0, 1].
        outcome: (N,) float in [0, 1], what the confidence should equal on average:
            1 for a right answer and 0 for a wrong one, or a share.
        num_bins: Largest number of bins.
        scheme: ``'equal_width'``, or ``'equal_mass'`` for bins of equal counts;
            equal confidences then stay in one bin.

    Raises:
        ValueError: If ``scheme`` is unknown, the lengths differ, or a value is not
            in [0, 1].
    """
    confidence = _unit_values('confidence', confidence)
    outcome = _unit_values('outcome', outcome)
    if confidence.shape != outcome.shape:
        raise ValueError(f'{confidence.size} confidences but {outcome.size} outcomes')
    if scheme not in SCHEMES:
        raise ValueError(f'scheme must be one of {SCHEMES}, got {scheme!r}')
    if not confidence.size:
        return CalibrationBins(*np.zeros((4, 0)))

    upper = np.linspace(0, 1, num_bins + 1)[1:]
    if scheme == 'equal_mass':
        upper = np.unique(np.quantile(confidence, upper, method='inverted_cdf'))
    index = np.digitize(confidence, upper[:-1], right=True)
    count = np.bincount(index, minlength=len(upper))
    used = count > 0
    return CalibrationBins(
        upper[used],
        count[used],
        np.bincount(index, confidence, len(upper))[used] / count[used],
        np.bincount(index, outcome, len(upper))[used] / count[used],
    )


def expected_calibration_error(bins: CalibrationBins) -> float:
    """Mean gap between confidence and outcome, weighted by cases; nan if empty."""
    if not bins.cases.size:
        return float('nan')
    gap = np.abs(bins.confidence - bins.outcome)
    return float(np.average(gap, weights=bins.cases))


def _unit_values(name: str, values: ArrayLike) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    # Written so that nan fails too.
    if values.size and not (values.min() >= 0 and values.max() <= 1):
        raise ValueError(
            f'{name} must lie in [0, 1], got {values.min()} to {values.max()}'
        )
    return values
