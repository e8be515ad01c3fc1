"""Do stated confidences come true, and does uncertainty foresee error?

Reliability diagrams from the bins of ``CalibrationMetric``, and the risk-coverage
curve that its bins of equal counts allow.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import PercentFormatter

from .plot_style import Palette, paper, say_nothing_to_show

# source -> title, what is stated, what came true
SOURCES = {
    'class': ('Class score', 'stated score', 'share that was a hit'),
    'urgency': ('Image urgency', 'stated score', 'share that was right'),
    'uncertainty': ('Uncertainty', 'stated uncertainty', 'mean error'),
}
Bins = Mapping[str, Sequence[float]]
_LARGEST_DOT = 140


def risk_coverage(bins: Bins) -> tuple[np.ndarray, np.ndarray]:
    """Mean error of the least uncertain share of the images.

    Exact at the edges of the bins, which is where the points lie.

    Args:
        bins: ``cases``, ``confidence`` and ``outcome`` of the uncertainty, in bins of
            rising uncertainty; the outcome is the error in [0, 1].

    Returns:
        Coverage (B,) in (0, 1] and risk (B,) in [0, 1].
    """
    cases = np.asarray(bins['cases'], dtype=float)
    covered = np.cumsum(cases)
    error = np.cumsum(cases * np.asarray(bins['outcome'], dtype=float))
    return covered / covered[-1:], error / covered


def plot_reliability(
    bins: Mapping[str, Mapping[str, Bins]],
    metrics: Mapping[str, float | None],
    dark: bool = False,
) -> Figure:
    """One diagram a source and the risk-coverage curve.

    Args:
        bins: ``bins`` of a ``.calibration.json``: source, then scheme.
        metrics: ``metrics`` of the same file.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    with paper(dark) as palette:
        layout = ConstrainedLayoutEngine(h_pad=0.09, w_pad=0.09)
        figure = Figure(figsize=(7.4, 7.0), layout=layout)
        axes = figure.subplots(2, 2).ravel()
        for panel, source in zip(axes, SOURCES, strict=False):
            _plot_source(panel, source, bins, metrics, palette)
        _plot_risk(axes[-1], bins, palette)
    return figure


def _plot_source(
    axes: Axes,
    source: str,
    bins: Mapping[str, Mapping[str, Bins]],
    metrics: Mapping[str, float | None],
    palette: Palette,
) -> None:
    title, stated, true = SOURCES[source]
    axes.set_title(title)
    unit_square(axes, stated, true)
    axes.plot((0, 1), (0, 1), '--', color=palette.ink, linewidth=1)
    found = bins.get(source, {}).get('equal_width')
    if not found or not found['cases']:
        say_nothing_to_show(axes, 'no cases')
        return
    draw_reliability(axes, found, metrics.get(f'{source}_ECE'), palette)


def draw_reliability(
    axes: Axes, bins: Bins, gap: float | None, palette: Palette
) -> None:
    """Points of the bins with their gaps to the diagonal, cases and mean gap.

    Args:
        axes: Where to draw.
        bins: ``cases``, ``confidence`` and ``outcome`` of one or more bins.
        gap: Mean gap in [0, 1], None where not known.
        palette: Colours.
    """
    cases = np.asarray(bins['cases'], dtype=float)
    x, y = np.asarray(bins['confidence']), np.asarray(bins['outcome'])
    axes.vlines(x, np.minimum(x, y), np.maximum(x, y), color=palette.lines[1], lw=1.5)
    axes.plot(x, y, color=palette.lines[0], linewidth=1.2)
    area = np.maximum(_LARGEST_DOT * cases / cases.max(), 8)
    axes.scatter(x, y, area, color=palette.lines[0], zorder=3, clip_on=False)
    told = f'{cases.sum():.0f} cases'
    told += '' if gap is None else f'\nmean gap {gap:.1%}'
    # In the corner that the points leave free.
    above = np.average(y - x, weights=cases) > 0
    axes.text(
        0.97 if above else 0.03,
        0.04 if above else 0.96,
        told,
        transform=axes.transAxes,
        ha='right' if above else 'left',
        va='bottom' if above else 'top',
        fontsize=8.5,
        bbox=dict(facecolor=palette.paper, edgecolor='none', alpha=0.8, pad=2),
    )


def _plot_risk(
    axes: Axes, bins: Mapping[str, Mapping[str, Bins]], palette: Palette
) -> None:
    axes.set_title('Risk and coverage')
    unit_square(axes, 'least uncertain share', 'mean error of these')
    found = bins.get('uncertainty', {}).get('equal_mass')
    if not found or not found['cases']:
        say_nothing_to_show(axes, 'no cases')
        return
    coverage, risk = risk_coverage(found)
    axes.axhline(risk[-1], linestyle='--', color=palette.ink, linewidth=1)
    axes.plot(coverage, risk, color=palette.lines[0], marker='o', markersize=4)


def unit_square(axes: Axes, x_label: str, y_label: str) -> None:
    """Both axes from 0 to 100 %, of equal length."""
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect('equal')
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.set_ticks((0, 0.5, 1))
