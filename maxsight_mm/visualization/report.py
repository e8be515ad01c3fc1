"""Writes a run's ``report.html`` and ``report.json``.

The page is one file that asks for nothing from outside: pictures and plots are
inside it, there is no script, and a content security policy holds it to that. Every
plot has a text alternative and its figures in a table beside it.
"""

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import jinja2
import numpy as np
from matplotlib.figure import Figure

from ..taxonomy import URGENCIES, ZONE_LIMITS_M, ZONES
from .class_bars import classes_by_ap50, plot_class_bars
from .draw_safety import URGENCY_COLOURS
from .headline import percent
from .learning_curves import VALIDATION_PANELS, plot_learning_curves
from .picture_truths import picture_truths
from .plot_style import paper, png_bytes
from .reliability import SOURCES, plot_reliability, risk_coverage
from .run_summary import find_history, newest, next_commands, summarize_run

NUM_PICTURES = 12
_JPEG_QUALITY = 88
# A model's "safe" is reassuring; from this true level on it is falsely so.
_HAZARD_LEVEL = URGENCIES.index('warning')


def write_report(work_dir: Path, evaluation_dir: Path | None = None) -> dict[str, Any]:
    """Writes both files into the work directory.

    Args:
        work_dir: Folder of a run.
        evaluation_dir: See ``summarize_run``.

    Returns:
        The content of ``report.json``.
    """
    summary = summarize_run(work_dir, evaluation_dir)
    pictures = choose_pictures(work_dir)
    if not pictures:
        summary['missing'].append('pictures of the test')
    truths = picture_truths(work_dir)
    page = _template().render(
        summary=summary,
        pictures=[_picture(path, truths) for path in pictures],
        plots=_plots(work_dir, summary),
        rows=_class_rows(summary),
        matrices=confusion_views(summary['test']['safety']),
        curve=_validation_table(summary),
        calibration=_calibration_rows(summary),
        risk=_risk_rows(summary),
        context=_context_rows(summary),
        commands=next_commands(summary, work_dir),
        urgencies=[
            (name, f'rgb{colour}')
            for name, colour in zip(URGENCIES, URGENCY_COLOURS, strict=True)
        ],
        zones=_zone_legend(),
    )
    (work_dir / 'report.html').write_text(page, encoding='utf-8')
    text = json.dumps(summary, indent=1, allow_nan=False)
    (work_dir / 'report.json').write_text(text, encoding='utf-8')
    return summary


def choose_pictures(work_dir: Path, count: int = NUM_PICTURES) -> list[Path]:
    """Pictures of the newest test, evenly spread over it."""
    folder = newest(work_dir, 'pictures')
    files = sorted(folder.glob('*.png')) if folder else []
    if not files:
        return []
    spread = np.linspace(0, len(files) - 1, min(count, len(files)))
    return [files[index] for index in spread.round().astype(int)]


def confusion_views(safety: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Each confusion matrix with the share and the meaning of each cell."""
    titles = {
        'image_urgency': 'Image urgency',
        'object_urgency': 'Object urgency',
        'zone': 'Distance zone',
    }
    views = []
    for task, title in titles.items():
        if safety is None or task not in safety['confusion']:
            continue
        levels, counts = safety['levels'][task], safety['counts'][task]
        rows = []
        for truth, row in enumerate(safety['confusion'][task]):
            total = sum(row)
            cells = [
                {
                    'count': count,
                    'share': count / total if total else 0.0,
                    'right': truth == answer,
                    'reassures': task != 'zone'
                    and truth >= _HAZARD_LEVEL
                    and answer == 0,
                }
                for answer, count in enumerate(row)
            ]
            rows.append({'level': levels[truth], 'total': total, 'cells': cells})
        views.append({'title': title, 'levels': levels, 'rows': rows, **counts})
    return views


def _plots(work_dir: Path, summary: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Name -> data URIs on light and dark paper; a plot without data is absent."""
    history, tables = find_history(work_dir), summary['test']
    draw: dict[str, Callable[[bool], Figure]] = {}
    if history is not None:
        draw['curves'] = lambda dark: plot_learning_curves(history, dark)
    if (det := tables['det']) is not None:
        draw['classes'] = lambda dark: plot_class_bars(det['classes'], dark)
    if (calibration := tables['calibration']) is not None:
        draw['reliability'] = lambda dark: plot_reliability(
            calibration['bins'], calibration['metrics'], dark
        )
    plots: dict[str, dict[str, str]] = {}
    for name, figure in draw.items():
        plots[name] = {}
        for theme in ('light', 'dark'):
            with paper(theme == 'dark'):
                png = png_bytes(figure(theme == 'dark'))
            plots[name][theme] = _data_uri('image/png', png)
    return plots


def _data_uri(kind: str, content: bytes) -> str:
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'


def _picture(path: Path, truths: Mapping[str, str]) -> dict[str, Any]:
    """Inlined as JPEG, which for drawn scenes is a fifth of the PNG."""
    image = cv2.imread(str(path))
    if image is None:
        raise ValueError(f'{path} is no picture')
    _, jpeg = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return {
        'name': path.stem,
        'truth': truths.get(path.stem),
        'uri': _data_uri('image/jpeg', jpeg.tobytes()),
        'width': str(image.shape[1]),
        'height': str(image.shape[0]),
    }


def _class_rows(summary: Mapping[str, Any]) -> dict[str, list]:
    det = summary['test']['det']
    rows = det['classes'] if det else []
    absent = [row['class'] for row in rows if not row['objects']]
    return {'present': classes_by_ap50(rows), 'absent': absent}


def _validation_table(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Header and rows of the validation figures by epoch."""
    records = (summary['training'] or {}).get('validation', [])
    keys = {
        f'{title}: {name}': key
        for title, lines in VALIDATION_PANELS.items()
        for name, key in lines.items()
        if any(key in record for record in records)
    }
    return {
        'steps': [record['step'] for record in records],
        'rows': [
            (name, [record.get(key) for record in records])
            for name, key in keys.items()
        ],
    }


def _calibration_rows(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    table = summary['test']['calibration']
    if table is None:
        return []
    metrics = table['metrics']
    return [
        {
            'title': title,
            'cases': metrics[f'{source}_cases'],
            'ece': metrics[f'{source}_ECE'],
            'ece_equal_mass': metrics[f'{source}_ECE_equal_mass'],
        }
        for source, (title, _, _) in SOURCES.items()
    ]


def _risk_rows(summary: Mapping[str, Any]) -> list[tuple[float, float]]:
    table = summary['test']['calibration']
    bins = table and table['bins'].get('uncertainty', {}).get('equal_mass')
    if not bins or not bins['cases']:
        return []
    return list(zip(*(part.tolist() for part in risk_coverage(bins)), strict=True))


def _context_rows(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One a figure of the context heads, in the order of the test."""
    table = summary['test']['tasks']
    return [
        {'head': head, 'cases': judged['cases'], **figure}
        for head, judged in (table['tasks'] if table else {}).items()
        for figure in judged['figures']
    ]


def _zone_legend() -> list[tuple[str, str, str]]:
    near, medium = ZONE_LIMITS_M
    reach = (f'below {near} m', f'{near} to {medium} m', f'from {medium} m on')
    return [(z[0].upper(), z, r) for z, r in zip(ZONES, reach, strict=True)]


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / 'templates'),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters['percent'] = percent
    environment.filters['duration'] = duration
    environment.filters['unbroken'] = lambda text: text.replace(' %', '\u00a0%')
    environment.filters['figure'] = lambda v: '–' if v is None else f'{v:.3f}'
    environment.filters['margin'] = lambda v: '–' if v is None else f'{v:+.3f}'
    environment.filters['cell'] = lambda v: '–' if v is None else f'{100 * v:.1f}'
    return environment.get_template('report.html.j2')


def duration(seconds: float) -> str:
    """'1 h 02 min', '3 min 07 s' or '12 s'."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:
        return f'{minutes // 60} h {minutes % 60:02d} min'
    return f'{minutes} min {rest:02d} s' if minutes else f'{rest} s'
