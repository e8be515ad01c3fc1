"""Histograms of the boxes' width / height by class, the anchors as lines."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from .plot_style import paper, say_nothing_to_show

TICKS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10, 20)
DASHES = ('solid', (0, (4, 2)))


def plot_anchor_aspects(
    aspects_wh: Sequence[float],
    labels: Sequence[int],
    classes: Sequence[str],
    anchors: Mapping[str, Sequence[float]],
    dark: bool = False,
) -> Figure:
    """One panel a class on a common log axis.

    Args:
        aspects_wh: Width / height of each box.
        labels: Class of each box.
        classes: Names.
        anchors: Name of a set of anchors to its aspects; at most two sets.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    values, owners = np.asarray(aspects_wh, dtype=float), np.asarray(labels)
    every = np.concatenate([values, *(list(each) for each in anchors.values())])
    low, high = (every.min() / 1.15, every.max() * 1.15) if len(every) else (0.5, 2)
    edges = np.geomspace(low, high, 41)
    with paper(dark) as palette:
        height = 1.3 + 1.25 * max(len(classes), 1)
        figure = Figure(figsize=(8.5, height), layout='constrained')
        panels = figure.subplots(max(len(classes), 1), sharex=True, squeeze=False)
        for axes, (label, name) in zip(panels[:, 0], enumerate(classes), strict=True):
            own = values[owners == label]
            axes.set_xscale('log')
            axes.set_xlim(low, high)
            axes.set_yticks([])
            axes.grid(visible=False)
            axes.set_title(f'{name}  ({len(own)})')
            axes.hist(own, edges, color=palette.faint, label='boxes')
            if not len(own):
                say_nothing_to_show(axes, 'no boxes')
            for index, (key, lines) in enumerate(anchors.items()):
                for number, aspect in enumerate(lines):
                    axes.axvline(
                        aspect,
                        color=palette.lines[index],
                        linestyle=DASHES[index],
                        label=None if number else key,
                    )
        ticks = [t for t in TICKS if low <= t <= high]
        panels[-1, 0].xaxis.set_major_locator(FixedLocator(ticks))
        panels[-1, 0].xaxis.set_minor_locator(NullLocator())
        panels[-1, 0].xaxis.set_major_formatter(FuncFormatter(lambda x, _: f'{x:g}'))
        panels[-1, 0].set_xlabel('width / height')
        handles, names = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, names, loc='outside lower center', ncols=3)
    return figure
