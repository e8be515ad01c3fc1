"""Plots of a data audit: mix against target, classes by split, plans in money."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from maxsight_mm.datasets.audit.composition import ScenarioRow
from maxsight_mm.datasets.audit.miss_cost import PlanCost

from .plot_style import paper

# More classes than this and their names cannot be read.
MAX_CLASSES = 25


def plot_mix(rows: Sequence[ScenarioRow], out: str | Path, dark: bool = False) -> None:
    """Bars of actual (with interval), target and natural share by scenario."""
    series = [('actual', [row.share for row in rows])]
    for name in ('target', 'natural'):
        values = [getattr(row, name) for row in rows]
        if not all(map(math.isnan, values)):
            series.append((name, values))
    with paper(dark) as palette:
        figure, axes = plt.subplots(figsize=(7.2, 0.9 + 0.75 * len(rows)))
        height = 0.8 / len(series)
        for index, (name, values) in enumerate(series):
            places = [
                row + (index - (len(series) - 1) / 2) * height
                for row in range(len(rows))
            ]
            bars = axes.barh(
                places,
                [0 if math.isnan(v) else 100 * v for v in values],
                height * 0.92,
                color=palette.lines[index],
                label=name,
            )
            for bar, value in zip(bars, values, strict=True):
                if not math.isnan(value):
                    # Beyond the interval's whisker.
                    right = 100 * (
                        rows[bars.index(bar)].interval[1] if index == 0 else value
                    )
                    axes.text(
                        right + 1,
                        bar.get_y() + bar.get_height() / 2,
                        f'{100 * value:.0f} %',
                        va='center',
                        fontsize=8,
                    )
        axes.errorbar(
            [100 * row.share for row in rows],
            [row - (len(series) - 1) / 2 * height for row in range(len(rows))],
            xerr=[
                [100 * (row.share - row.interval[0]) for row in rows],
                [100 * (row.interval[1] - row.share) for row in rows],
            ],
            fmt='none',
            ecolor=palette.ink,
            elinewidth=1,
            capsize=2,
        )
        axes.set_yticks(range(len(rows)), [row.scenario for row in rows])
        axes.invert_yaxis()
        axes.set_xlim(0, 109)
        axes.set_xlabel('share of the pictures, %')
        axes.set_title('Mix of scenarios')
        axes.grid(axis='y', visible=False)
        _legend_above(axes)
        _save(figure, out)


def plot_classes(
    counts: Mapping[str, Mapping[str, int]], out: str | Path, dark: bool = False
) -> None:
    """Stacked bars of labels a class, by split; the most frequent classes."""
    names = sorted(counts, key=lambda name: -sum(counts[name].values()))
    shown = names[:MAX_CLASSES]
    splits = list(counts[names[0]])
    with paper(dark) as palette:
        figure, axes = plt.subplots(figsize=(7.2, 1.2 + 0.32 * len(shown)))
        left = [0] * len(shown)
        for index, split in enumerate(splits):
            values = [counts[name][split] for name in shown]
            colour = palette.lines[index % len(palette.lines)]
            axes.barh(range(len(shown)), values, 0.7, left, color=colour, label=split)
            left = [a + b for a, b in zip(left, values, strict=True)]
        for row, total in enumerate(left):
            axes.text(total, row, f' {total}', va='center', fontsize=8)
        axes.set_yticks(range(len(shown)), shown)
        axes.invert_yaxis()
        axes.margins(x=0.1)
        axes.set_xlabel('labels')
        rest = len(names) - len(shown)
        axes.set_title('Classes' + (f' ({rest} rarer ones left out)' if rest else ''))
        axes.grid(axis='y', visible=False)
        if len(splits) > 1:
            _legend_above(axes)
        _save(figure, out)


def plot_plans(
    rows: Sequence[PlanCost], currency: str, out: str | Path, dark: bool = False
) -> None:
    """Total cost of each plan over the first three years."""
    with paper(dark) as palette:
        figure, axes = plt.subplots(figsize=(7.2, 3.4))
        for index, row in enumerate(rows):
            costs = [
                row.plan.setup_cost + years * row.yearly_cost for years in range(4)
            ]
            axes.plot(
                range(4),
                costs,
                color=palette.lines[index % len(palette.lines)],
                marker='os^D'[index % 4],
                label=row.plan.name,
            )
        axes.set_xticks(range(4))
        axes.set_xlabel('years')
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda value, _: f'{value:,.0f}')
        axes.set_title(f'Set-up and misses, {currency}')
        axes.legend(frameon=False)
        _save(figure, out)


def _legend_above(axes) -> None:
    """Beside the title, where no bar reaches."""
    axes.legend(
        loc='lower right', bbox_to_anchor=(1, 1), ncols=4, frameon=False, fontsize=9
    )


def _save(figure, out: str | Path) -> None:
    figure.tight_layout()
    figure.savefig(out, dpi=110)
    plt.close(figure)
