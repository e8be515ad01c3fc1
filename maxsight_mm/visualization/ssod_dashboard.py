"""A semi-supervised training on one page: classes, teacher, pseudo-labels, loss."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .plot_style import MARKERS, Palette, paper, say_nothing_to_show

Records = Sequence[Mapping[str, Any]]

_HATCHES = ('', '///', '...', 'xx', '--')
# Fifth class; readable on both papers.
_GOLD = '#b58900'
_SHADES = (1.0, 0.75, 0.55, 0.38, 0.22)
# Points of a line; more are averaged.
_POINTS = 60


def plot_ssod_dashboard(records: Mapping[str, Records], dark: bool = False) -> Figure:
    """Eight panels; one without records says so.

    Args:
        records: By kind: ``class_progress``, ``pseudo_labels``, ``positive_anchors``,
            ``loss`` and ``guard_events``, as the hooks write them.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    with paper(dark) as palette:
        figure = Figure(figsize=(11, 13.5), layout='constrained')
        axes = figure.subplots(4, 2).ravel()
        progress, labels = records['class_progress'], records['pseudo_labels']
        _plot_class_lines(axes[0], 'AP by class, baselines dashed', progress, palette)
        _plot_efficiency(axes[1], progress, palette)
        _plot_teacher(axes[2], labels, palette)
        _plot_class_lines(
            axes[3],
            'Candidates that became pseudo-labels',
            labels,
            palette,
            'kept_ratio',
        )
        _plot_histogram(axes[4], labels, palette)
        _plot_anchors(axes[5], records['positive_anchors'], palette)
        _plot_loss(axes[6], records['loss'], records['guard_events'], palette)
        _plot_variation(axes[7], records['loss'], palette)
    return figure


def thinned(
    steps: Sequence[int], values: Sequence[float | None]
) -> tuple[np.ndarray, np.ndarray]:
    """At most 60 to 119 points, means of neighbours; nan where none is finite.

    Args:
        steps: (n,) iterations.
        values: (n,) of these; None is not finite.
    """
    numbers = np.array(
        [math.nan if value is None else value for value in values], float
    )
    width = max(1, len(numbers) // _POINTS)
    starts = range(0, len(numbers), width)
    chunks = [numbers[start : start + width] for start in starts]
    means = [
        float(chunk[finite].mean())
        if (finite := np.isfinite(chunk)).any()
        else math.nan
        for chunk in chunks
    ]
    ends = [steps[min(start + width, len(numbers)) - 1] for start in starts]
    return np.array(ends), np.array(means)


def _style(index: int, palette: Palette) -> dict[str, Any]:
    """Colour and marker of the index-th class; 25 pairs differ."""
    colours, markers = (*palette.lines, _GOLD), (*MARKERS, 'v')
    turn = index // len(colours)
    return dict(
        color=colours[index % len(colours)],
        marker=markers[(index + turn) % len(markers)],
        markersize=4,
    )


def _plot_line(
    axes: Axes, steps: Sequence[int], values: Sequence[float | None], **style: Any
) -> None:
    x, y = thinned(steps, values)
    axes.plot(x, y, markevery=1 + len(x) // 15, **style)


def _time_axis(axes: Axes, title: str, percent: bool = False) -> None:
    axes.set_title(title)
    axes.set_xlabel('iteration')
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1))


def _legend(axes: Axes, columns: int = 3) -> None:
    axes.legend(
        loc='upper center', bbox_to_anchor=(0.5, -0.17), ncols=columns, fontsize=8
    )


def _plot_class_lines(
    axes: Axes, title: str, records: Records, palette: Palette, key: str = 'AP'
) -> None:
    _time_axis(axes, title, percent=True)
    if not records:
        say_nothing_to_show(axes, 'not recorded')
        return
    steps = [record['step'] for record in records]
    for index, (name, last) in enumerate(records[-1]['classes'].items()):
        values = [record['classes'].get(name, {}).get(key) for record in records]
        style = _style(index, palette)
        _plot_line(axes, steps, values, label=name, **style)
        if last.get('baseline') is not None:
            axes.axhline(last['baseline'], color=style['color'], ls='--', lw=1)
    axes.set_ylim(bottom=0)
    _legend(axes)


def _plot_efficiency(axes: Axes, records: Records, palette: Palette) -> None:
    axes.set_title('Efficiency: AP / share of the labelled boxes')
    axes.grid(axis='y', visible=False)
    rows = records[-1]['classes'] if records else {}
    known = {n: r['efficiency'] for n, r in rows.items() if r['efficiency'] is not None}
    if not known:
        axes.set_yticks([])
        say_nothing_to_show(axes, 'not recorded')
        return
    places = np.arange(len(known))
    bars = axes.barh(places, list(known.values()), 0.6, color=palette.lines[0])
    axes.bar_label(bars, fmt='%.2f', padding=3, fontsize=8.5)
    before = [
        row['baseline'] / row['share'] if row['baseline'] is not None else math.nan
        for row in (rows[name] for name in known)
    ]
    if np.isfinite(before).any():
        axes.plot(
            before,
            places,
            ls='',
            marker='|',
            markersize=18,
            markeredgewidth=2,
            color=palette.lines[1],
            label='baseline',
        )
        _legend(axes)
    axes.set_yticks(places, list(known))
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set_xlabel(f'at iteration {records[-1]["step"]}')
    axes.margins(x=0.12)


def _plot_teacher(axes: Axes, records: Records, palette: Palette) -> None:
    _time_axis(axes, "Teacher's scores: mean by class, median of all")
    if not records:
        say_nothing_to_show(axes, 'not recorded')
        return
    steps = [record['step'] for record in records]
    for index, name in enumerate(records[-1]['classes']):
        values = [record['classes'].get(name, {}).get('mean') for record in records]
        style = _style(index, palette) | dict(linewidth=1.0, markersize=2.5)
        _plot_line(axes, steps, values, label=name, **style)
    for key, dashes in (('mean', '-'), ('median', '--')):
        values = [record[key] for record in records]
        line: Any = dict(color=palette.ink, linestyle=dashes, linewidth=2.4)
        axes.plot(*thinned(steps, values), label=f'{key} of all', **line)
    _legend(axes, 4)


def _plot_histogram(axes: Axes, records: Records, palette: Palette) -> None:
    axes.set_title("Teacher's latest scores")
    axes.set_xlabel('score')
    axes.set_ylabel('candidates')
    if not records:
        say_nothing_to_show(axes, 'not recorded')
        return
    below = np.zeros(10)
    for index, (name, row) in enumerate(records[-1]['classes'].items()):
        counts = np.array(row['histogram'], float)
        axes.bar(
            np.arange(10) / 10,
            counts,
            0.1,
            below,
            align='edge',
            label=name,
            color=_style(index, palette)['color'],
            edgecolor=palette.paper,
            hatch=_HATCHES[index % len(_HATCHES)],
            linewidth=0.5,
        )
        below += counts
    axes.set_xticks(np.arange(11) / 10)
    _legend(axes)


def _plot_anchors(axes: Axes, records: Records, palette: Palette) -> None:
    axes.set_title('Positive anchors per labelled box, by shape and level')
    axes.set_xlabel('width / height of the anchors')
    boxes = sum(record['boxes'] for record in records)
    if not boxes:
        say_nothing_to_show(axes, 'not recorded' if not records else 'no labelled box')
        return
    names = list(records[-1]['by_aspect'])
    # (aspects, levels), summed over the records
    counts = sum(
        np.array([record['by_aspect'][name] for name in names], float)
        for record in records
        if list(record['by_aspect']) == names
    )
    below = np.zeros(len(names))
    for level, shares in enumerate((counts / boxes).T):
        axes.bar(
            names,
            shares,
            0.6,
            below,
            label=f'level {level}',
            color=palette.lines[0],
            alpha=_SHADES[level % len(_SHADES)],
            hatch=_HATCHES[level % len(_HATCHES)],
            edgecolor=palette.paper,
            linewidth=0.5,
        )
        below += shares
    _legend(axes, 5)


def _plot_loss(axes: Axes, records: Records, events: Records, palette: Palette) -> None:
    _time_axis(axes, 'Loss, and what the guard said')
    if not records:
        say_nothing_to_show(axes, 'not recorded')
        return
    steps = [record['step'] for record in records]
    axes.plot(
        *thinned(steps, [record['mean'] for record in records]),
        color=palette.lines[0],
        label='loss',
    )
    burn_in = [record['step'] for record in records if record.get('burn_in')]
    if burn_in:
        axes.axvspan(0, max(burn_in), color=palette.faint, alpha=0.5, label='burn-in')
    rules = list(dict.fromkeys(event['rule'].split('/')[0] for event in events))
    for index, rule in enumerate(rules):
        own = [e['step'] for e in events if e['rule'].split('/')[0] == rule]
        style = _style(index + 1, palette)
        for step in own:
            axes.axvline(step, color=style['color'], ls=':', lw=1.2)
        top: Any = dict(transform=axes.get_xaxis_transform(), clip_on=False)
        label = rule.replace('_', ' ')
        axes.plot(own, [1.0] * len(own), ls='', label=label, **style, **top)
    _legend(axes)


def _plot_variation(axes: Axes, records: Records, palette: Palette) -> None:
    _time_axis(axes, 'Coefficient of variation of the loss', percent=True)
    if not records:
        say_nothing_to_show(axes, 'not recorded')
        return
    steps = [record['step'] for record in records]
    values = [record.get('cv') for record in records]
    style: Any = dict(color=palette.lines[1], marker=MARKERS[1], markersize=3)
    axes.plot(*thinned(steps, values), **style)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
