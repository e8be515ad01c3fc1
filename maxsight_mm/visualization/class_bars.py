"""Average precision and recall of each class as bars, the best on top."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .plot_style import paper, say_nothing_to_show


def classes_by_ap50(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of classes that have objects, the best AP50 first."""
    present = [row for row in rows if row['objects']]
    return sorted(present, key=lambda row: (-_figure(row, 'AP50'), row['class']))


def plot_class_bars(rows: Sequence[Mapping[str, Any]], dark: bool = False) -> Figure:
    """Horizontal bars: AP50 (wide), AP (narrow inside it) and recall (dot).

    Args:
        rows: ``classes`` of a ``.det.json``: ``class``, ``objects``, ``AP``,
            ``AP50`` and ``recall``, each None where not measured.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    shown = classes_by_ap50(rows)
    with paper(dark) as palette:
        height = 1.5 + 0.3 * max(len(shown), 3)
        figure = Figure(figsize=(8.5, height), layout='constrained')
        axes = figure.subplots()
        axes.grid(axis='y', visible=False)
        axes.set_xlim(0, 1.01)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        if not shown:
            axes.set_yticks([])
            say_nothing_to_show(axes, 'no class has objects')
            return figure
        y = np.arange(len(shown))
        wide, narrow, dot = (
            [_figure(row, key) for row in shown] for key in ('AP50', 'AP', 'recall')
        )
        soft, strong, recall = palette.lines[0], palette.lines[0], palette.lines[1]
        axes.barh(y, wide, 0.7, color=soft, alpha=0.35, label='AP50')
        axes.barh(y, narrow, 0.34, color=strong, label='AP (IoU 50 to 95 %)')
        axes.plot(
            dot, y, 'D', color=recall, markersize=5, label='recall', clip_on=False
        )
        labels = [f'{row["class"]}  ({row["objects"]})' for row in shown]
        axes.set_yticks(y, labels)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_title('Classes and, in brackets, their objects in the test')
        figure.legend(loc='outside lower center', ncols=3)
    return figure


def _figure(row: Mapping[str, Any], key: str) -> float:
    return 0.0 if row[key] is None else row[key]
