"""Recall of a class against the precision that is asked for, a line an arm."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ..evaluation.functional.class_recall import recall_over_seeds
from ..evaluation.recall_study import Arms
from .plot_style import MARKERS, paper

_STYLES = ('-', '--')
_MOST_ARMS = len(MARKERS) * len(_STYLES)
_POINTS = np.linspace(0.5, 1.0, 101)


def plot_class_recall(
    arms: Arms, class_name: str, precisions: Sequence[float] = (), dark: bool = False
) -> Figure:
    """Mean over seeds as a line, their range as a band.

    Args:
        arms: Curves of the class, one a seed.
        class_name: For the title.
        precisions: Marked on each line.
        dark: Dark paper; save the figure inside ``paper(dark)``.

    Raises:
        ValueError: If there are more arms than can be told apart.
    """
    if len(arms) > _MOST_ARMS:
        raise ValueError(f'at most {_MOST_ARMS} arms in one picture, got {len(arms)}')
    with paper(dark) as palette:
        figure = Figure(figsize=(7.0, 4.6), layout='constrained')
        axes = figure.subplots()
        for index, (name, curves) in enumerate(arms.items()):
            colour = palette.lines[index % len(palette.lines)]
            style = _STYLES[index // len(MARKERS)]
            spread = recall_over_seeds(curves, _POINTS.tolist())
            seeds = f' ({len(curves)} seeds)' if len(curves) > 1 else ''
            axes.plot(_POINTS, spread.mean, style, color=colour)
            if len(curves) > 1:
                axes.fill_between(
                    _POINTS, spread.low, spread.high, color=colour, alpha=0.15, lw=0
                )
            marker = MARKERS[index % len(MARKERS)]
            legend: dict[str, Any] = dict(color=colour, marker=marker, linestyle=style)
            axes.plot([], [], label=f'{name}{seeds}', markersize=5, **legend)
            if precisions:
                marked = recall_over_seeds(curves, precisions).mean
                axes.plot(precisions, marked, marker, color=colour, markersize=6)
        objects = next(iter(arms.values()))[0].num_objects
        axes.set_title(f'{class_name}: found at equal precision')
        axes.set_xlabel('precision of its detections, at least')
        axes.set_ylabel(f'recall of {objects} objects')
        axes.set_xlim(_POINTS[0], _POINTS[-1])
        axes.set_ylim(-0.02, 1.02)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.legend()
    return figure
