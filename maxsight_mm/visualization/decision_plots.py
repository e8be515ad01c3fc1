"""What a decision with a threshold rests on: confusions, calibration, the sweep."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ..evaluation.functional.decisions import ThresholdSweep
from .plot_style import Palette, paper
from .reliability import draw_reliability, unit_square

# A class name longer than this stands slanted.
_LONG_NAME = 9


def plot_confusions(
    best_scored: np.ndarray,
    classes: Sequence[str],
    unsafe: Sequence[int],
    decided: np.ndarray,
    decision_title: str,
    dark: bool = False,
) -> Figure:
    """The best-scored class, and the decision at the threshold.

    Args:
        best_scored: (K, K) int; the row is the truth.
        classes: (K,) names.
        unsafe: Labels that count as unsafe.
        decided: (2, 2) int; rows truth safe and unsafe, columns let through and held
            back.
        decision_title: Says which decision it is.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    num, longest = len(classes), max(map(len, classes))
    is_unsafe = np.isin(np.arange(num), unsafe)
    slanted = longest > _LONG_NAME and num > 2
    # inches; cells of both panels are the same square
    cell = 1.2 if num < 4 else 0.85
    names, gap, top = 0.45 + 0.075 * longest, 1.15, 0.35
    foot = 0.25 + 0.045 * longest if slanted else 0.5
    width, height = names + cell * (num + 2) + gap + 0.45, top + cell * num + foot
    with paper(dark) as palette:
        figure = Figure(figsize=(width, height))

        def panel(title: str, left: float, side: int) -> Axes:
            low = height - top - side * cell
            box = (left, low, side * cell, side * cell)
            scale = (width, height, width, height)
            axes = figure.add_axes(tuple(np.divide(box, scale)))
            axes.set_title(title)
            return axes

        missed = is_unsafe[:, None] & ~is_unsafe[None]
        axes = panel('Best-scored class', names, num)
        _draw_confusion(axes, best_scored, classes, classes, missed, palette)
        if slanted:
            axes.set_xticks(range(num), classes, rotation=30, ha='right')
            axes.set_xlabel('')
        _draw_confusion(
            panel(decision_title, names + cell * num + gap, 2),
            decided,
            ('safe', 'unsafe'),
            ('let through', 'held back'),
            np.array([[False, False], [True, False]]),
            palette,
        )
    return figure


def plot_before_after(calibration: Mapping[str, Any], dark: bool = False) -> Figure:
    """Reliability of the unsafe score, as the model gives it and calibrated.

    Args:
        calibration: ``calibration_figures`` of a study.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    with paper(dark) as palette:
        figure = Figure(figsize=(7.4, 3.75), layout='constrained')
        for axes, when, title in zip(
            figure.subplots(1, 2),
            ('before', 'after'),
            ('As the model gives it', 'With the temperature'),
            strict=True,
        ):
            axes.set_title(title)
            unit_square(axes, 'stated unsafe score', 'share that was unsafe')
            axes.plot((0, 1), (0, 1), '--', color=palette.ink, linewidth=1)
            figures = calibration[when]
            draw_reliability(axes, figures['bins'], figures['unsafe_ece'], palette)
    return figure


def plot_sweep(
    judged: ThresholdSweep,
    chosen_on: ThresholdSweep | None,
    threshold: float,
    costs_per_1000: Mapping[str, float],
    currency: str,
    dark: bool = False,
) -> Figure:
    """Cost above, recall and false alarms below, for every threshold.

    Args:
        judged: Sweep of the images that are judged.
        chosen_on: Sweep of the images that the threshold was chosen on; None where
            these are the judged ones.
        threshold: The one that was chosen.
        costs_per_1000: By policy; ``'threshold'`` is what was judged.
        currency: Unit of the costs.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    with paper(dark) as palette:
        figure = Figure(figsize=(7.4, 6.4), layout='constrained')
        cost, rates = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        cost.set_title(f'Cost of 1000 images ({currency})')
        blue, orange, green = palette.lines[:3]
        if chosen_on is None:
            _steps(cost, judged.threshold, judged.cost, blue, 'all images')
        else:
            style: Any = dict(ls='--', lw=1.4)
            on, label = chosen_on, 'where it was chosen'
            _steps(cost, on.threshold, on.cost, palette.ink, label, **style)
            _steps(cost, judged.threshold, judged.cost, blue, 'judged images')
        naive = costs_per_1000['best-scored class']
        cost.axhline(naive, color=orange, ls=':', label='best-scored class')
        optimum = _at(judged if chosen_on is None else chosen_on, threshold)
        cost.plot(
            threshold,
            optimum,
            marker='D',
            ls='',
            ms=8,
            color=palette.ink,
            label=f'in use: {threshold:.3g}',
            zorder=4,
        )
        told = 'judged by cross-fitting' if chosen_on is None else 'judged'
        cost.plot(
            threshold,
            costs_per_1000['threshold'],
            marker='o',
            ls='',
            ms=8,
            color=blue,
            markeredgecolor=palette.paper,
            label=told,
            zorder=5,
        )
        # What costs far more than every rule of interest may leave the panel.
        shown = max(naive, 1000 * judged.cost[0], optimum, costs_per_1000['threshold'])
        cost.set_ylim(0, min(1.8 * shown, 1.05 * 1000 * np.nanmax(judged.cost)))
        cost.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:,.0f}'))
        cost.legend(loc='upper left', bbox_to_anchor=(0, -0.02), ncols=3)
        rates.set_title('Unsafe images found, safe images held back')
        _steps(rates, judged.threshold, judged.recall, blue, 'recall', rate=True)
        _steps(
            rates,
            judged.threshold,
            judged.false_alarm_rate,
            orange,
            'false-alarm rate',
            rate=True,
            ls='--',
        )
        rates.set_ylim(-0.03, 1.03)
        rates.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        rates.set_xlabel('threshold on the calibrated unsafe score')
        rates.legend(loc='lower right', bbox_to_anchor=(1, 0.98), ncols=2)
        for axes in (cost, rates):
            axes.axvline(threshold, color=green, lw=1)
            axes.set_xlim(0, 1)
    return figure


def _at(sweep: ThresholdSweep, threshold: float) -> float:
    """Cost of 1000 images at a threshold, from the next score that reaches it."""
    return 1000 * sweep.cost[np.searchsorted(sweep.threshold, threshold)]


def _steps(
    axes: Axes,
    threshold: np.ndarray,
    values: np.ndarray,
    colour: str,
    label: str,
    rate: bool = False,
    **style: Any,
) -> None:
    """Between two scores a threshold holds back what the upper one does."""
    x, y = np.append(0, threshold), np.append(values[:1], values)
    y = y if rate else 1000 * y
    axes.step(x, y, where='pre', color=colour, label=label, **style)


def _draw_confusion(
    axes: Axes,
    counts: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    missed: np.ndarray,
    palette: Palette,
) -> None:
    """Cells deeper where their share of the row is larger, misses in a dashed edge."""
    counts = np.asarray(counts)
    total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = counts / total
    blue, orange = np.array([to_rgb(colour) for colour in palette.lines[:2]])
    tint = np.where(np.eye(len(counts), dtype=bool)[..., None], blue, orange)
    depth = 0.75 * shares[..., None]
    axes.imshow(depth * tint + (1 - depth) * to_rgb(palette.paper))
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column,
            row,
            f'{count}\n{shares[row, column]:.0%}',
            ha='center',
            va='center',
        )
        if missed[row, column]:
            corner = (column - 0.44, row - 0.44)
            edge: Any = dict(fill=False, ls='--', lw=1.4, edgecolor=palette.ink)
            axes.add_patch(Rectangle(corner, 0.88, 0.88, **edge))
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel('answer')
    axes.set_ylabel('truth')
