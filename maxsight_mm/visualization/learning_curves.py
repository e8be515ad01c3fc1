"""Losses, learning rate and validation figures of a run, as small multiples.

mmengine starts a new time-stamped folder whenever a run is started or resumed.
``read_history`` joins them into what the model went through: steps that were done
again after a resume count once, in their later form.
"""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .plot_style import MARKERS, Palette, paper, say_nothing_to_show

COLUMNS = 3
_FEW = 12

# title -> legend -> logged key; a key with '_majority_' is drawn as a baseline
VALIDATION_PANELS = {
    'Average precision': {'AP50': 'det/AP50', 'mAP': 'det/mAP'},
    'Precision and recall': {'precision': 'det/precision', 'recall': 'det/recall'},
    'Zone accuracy': {
        'model': 'safety/zone_accuracy',
        'always the most common': 'safety/zone_majority_accuracy',
    },
    'Object urgency accuracy': {
        'model': 'safety/object_urgency_accuracy',
        'always the most common': 'safety/object_urgency_majority_accuracy',
    },
    'Image urgency accuracy': {
        'model': 'safety/image_urgency_accuracy',
        'always the most common': 'safety/image_urgency_majority_accuracy',
    },
    'False reassurance': {
        'images': 'safety/image_false_reassurance',
        'objects': 'safety/object_false_reassurance',
    },
    'Calibration error': {
        'class': 'calibration/class_ECE',
        'urgency': 'calibration/urgency_ECE',
        'uncertainty': 'calibration/uncertainty_ECE',
    },
}


class History(NamedTuple):
    """Logged scalars in the order of training.

    ``training`` records hold ``step`` (iterations), ``lr`` and losses; ``validation``
    records hold metrics and ``step``, in ``unit`` ('epoch' or 'iteration').
    """

    training: list[dict[str, Any]]
    validation: list[dict[str, Any]]
    unit: str


def read_history(run_dir: Path) -> History:
    """Joins the logs of all starts of a run.

    Args:
        run_dir: Work directory that holds the time-stamped folders.

    Raises:
        ValueError: If there is no log of a training.
    """
    training: list[dict[str, Any]] = []
    validation: list[dict[str, Any]] = []
    for path in sorted(run_dir.glob('*/vis_data/scalars.json')):
        lines = path.read_text(encoding='utf-8').splitlines()
        records = [record for line in lines if (record := _record(line))]
        trained = [record for record in records if 'loss' in record]
        if not trained:
            continue
        first_step = trained[0]['step']
        first_unit = trained[0].get('epoch', first_step)
        training = [record for record in training if record['step'] < first_step]
        validation = [record for record in validation if record['step'] < first_unit]
        training += trained
        validation += [record for record in records if 'loss' not in record]
    if not training:
        raise ValueError(f'{run_dir} holds no log of a training')
    unit = 'epoch' if 'epoch' in training[-1] else 'iteration'
    return History(training, validation, unit)


def _record(line: str) -> dict[str, Any] | None:
    """A logged line; None where an interrupted run left half of one."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return None
    return record if isinstance(record, dict) and 'step' in record else None


def loss_keys(training: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of the losses of tasks, in the order of the log."""
    keys = dict.fromkeys(key for record in training for key in record)
    return [key for key in keys if 'loss' in key and key != 'loss']


def plot_learning_curves(history: History, dark: bool = False) -> Figure:
    """Small multiples: total loss, learning rate, each task's loss, validation.

    To be saved inside ``paper(dark)``.
    """
    tasks = loss_keys(history.training)
    panels = {
        title: kept
        for title, lines in VALIDATION_PANELS.items()
        if (kept := _logged(lines, history.validation))
    }
    total = 2 + len(tasks) + max(1, len(panels))
    rows = math.ceil(total / COLUMNS)
    with paper(dark) as palette:
        layout = ConstrainedLayoutEngine(h_pad=0.09)
        figure = Figure(figsize=(10.5, 2.35 * rows), layout=layout)
        grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        axes = iter(grid)
        _plot_scalar(next(axes), history.training, 'loss', 'Total loss', palette)
        rate = next(axes)
        _plot_scalar(rate, history.training, 'lr', 'Learning rate', palette, 2)
        rate.yaxis.set_major_formatter('{x:g}')
        for key in tasks:
            title = f'Loss: {key.replace("loss_", "").replace("_", " ")}'
            _plot_scalar(next(axes), history.training, key, title, palette)
        for title, lines in panels.items():
            _plot_validation(next(axes), history, title, lines, palette)
        if not panels:
            empty = next(axes)
            empty.set_title('Validation')
            say_nothing_to_show(empty, 'no validation yet')
        for unused in axes:
            unused.set_axis_off()
    return figure


def _logged(lines: Mapping[str, str], records: list[dict]) -> dict[str, str]:
    return {
        name: key
        for name, key in lines.items()
        if any(key in record for record in records)
    }


def _series(records: list[dict], key: str) -> tuple[np.ndarray, np.ndarray]:
    """Steps (n,) and values (n,); not finite and null are nan."""
    found = [(record['step'], record[key]) for record in records if key in record]
    values = [
        float(value)
        if isinstance(value, int | float) and math.isfinite(value)
        else math.nan
        for _, value in found
    ]
    return np.array([step for step, _ in found]), np.array(values)


def _plot_scalar(
    axes: Axes,
    records: list[dict],
    key: str,
    title: str,
    palette: Palette,
    colour: int = 0,
) -> None:
    axes.set_title(title)
    axes.set_xlabel('iteration')
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    steps, values = _series(records, key)
    marker = 'o' if np.isfinite(values).sum() <= _FEW else ''
    line = palette.lines[colour]
    axes.plot(steps, values, color=line, marker=marker, markersize=3.5)
    lost = int(np.isnan(values).sum())
    if lost == len(values):
        say_nothing_to_show(axes, 'never a finite value')
        return
    if lost:
        floor = np.full(lost, np.nanmin(values))
        axes.plot(
            steps[np.isnan(values)],
            floor,
            'x',
            color=palette.lines[1],
            label=f'{lost} not finite',
        )
        axes.legend()
    axes.margins(y=0.12)


def _plot_validation(
    axes: Axes,
    history: History,
    title: str,
    lines: Mapping[str, str],
    palette: Palette,
) -> None:
    axes.set_title(title)
    axes.set_xlabel(history.unit)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(-0.04, 1.04)
    measured = False
    times = [record['step'] for record in history.validation]
    # One validation alone would get an axis of fractions.
    axes.set_xlim(min(times) - 0.5, max(times) + 0.5)
    for index, (name, key) in enumerate(lines.items()):
        steps, values = _series(history.validation, key)
        measured |= bool(np.isfinite(values).any())
        style: dict[str, Any] = dict(
            color=palette.lines[index], marker=MARKERS[index], markersize=4
        )
        if '_majority_' in key:
            style = dict(color=palette.ink, linestyle='--', linewidth=1.2)
            if len(steps) == 1:
                style['marker'] = '_'
        axes.plot(steps, values, label=name, **style)
    if not measured:
        say_nothing_to_show(axes, 'not measured')
        return
    if len(lines) > 1:
        axes.legend(loc='best')
