"""Writes what ``classification_report.py`` found: a page, a text, plots and figures.

``report.html`` asks for nothing from outside, as the report of a run does;
``report.md`` is the same for a repository, with the plots as files beside it.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import jinja2
import numpy as np
from matplotlib.figure import Figure

from ..evaluation.decision_figures import decision_content, study_figures
from ..evaluation.decision_study import DecisionStudy
from ..evaluation.report_tables import dump_json
from .decision_gallery import (
    MAX_CASES,
    case_picture,
    plot_gallery,
    wrong_cases,
)
from .decision_plots import plot_before_after, plot_confusions, plot_sweep
from .decision_words import (
    cautions,
    findings,
    headline,
    interval,
    method,
    money,
    review_words,
    share,
)
from .plot_style import paper, png_bytes

# The confusions are tables there.
ON_PAGE = ('reliability', 'threshold_sweep')
_JPEG_QUALITY = 88


class ReportSettings(NamedTuple):
    """What is known besides the predictions.

    Attributes:
        task: Name of the task.
        model: Mark of the model, or None.
        currency: Unit of the costs.
        images_per_year: Where given, costs are given for a year too.
        review: Calibrated scores from the first to below the second go to a person.
        columns: Columns of the images' groups to break the figures down by.
    """

    task: str
    model: str | None = None
    currency: str = 'cost units'
    images_per_year: float | None = None
    review: tuple[float, float] | None = None
    columns: Sequence[str] = ()


def write_decision_report(
    study: DecisionStudy, out_dir: Path, settings: ReportSettings
) -> dict[str, Any]:
    """Writes all files into a folder.

    Returns:
        The content of ``metrics.json``.

    Raises:
        ValueError: See ``study_figures``; nothing is written then.
    """
    figures = study_figures(
        study, settings.columns, settings.review, settings.images_per_year
    )
    decision = decision_content(study, settings.task, settings.model, settings.review)
    cases = wrong_cases(study)
    cards = {
        kind: [case_picture(case.img_path) for case in wrong[:MAX_CASES]]
        for kind, wrong in cases.items()
    }
    plots = _plots(study, figures, settings.currency)
    galleries: dict[str, Callable[[bool], Figure]] = {
        kind: partial(plot_gallery, wrong[:MAX_CASES], cards[kind])
        for kind, wrong in cases.items()
        if wrong
    }
    context = {
        'task': settings.task,
        'model': settings.model,
        'figures': figures,
        'currency': settings.currency,
        'images_per_year': settings.images_per_year,
        'findings': findings(figures, settings.currency),
        'headline': headline(figures, settings.currency),
        'method': method(figures),
        'cautions': cautions(figures),
        'review': settings.review
        and review_words(figures['review'], figures['images']),
        'classes': _class_rows(figures),
        'cases': {kind: wrong[:MAX_CASES] for kind, wrong in cases.items()},
        'counts': {kind: len(wrong) for kind, wrong in cases.items()},
    }
    page = _template('decision.html.j2').render(
        context,
        plots={name: _themes(plots[name]) for name in ON_PAGE},
        matrices=_matrices(study, figures),
        cards={kind: list(map(_jpeg_uri, own)) for kind, own in cards.items()},
    )
    text = _template('decision.md.j2').render(context)
    out_dir.mkdir(parents=True, exist_ok=True)
    for name, draw in (plots | galleries).items():
        with paper():
            (out_dir / f'{name}.png').write_bytes(png_bytes(draw(False)))
    dump_json(figures | {'task': settings.task}, str(out_dir / 'metrics.json'))
    dump_json(decision, str(out_dir / 'decision.json'))
    (out_dir / 'report.html').write_text(page, encoding='utf-8')
    (out_dir / 'report.md').write_text(text, encoding='utf-8')
    return figures


def _plots(
    study: DecisionStudy, figures: Mapping[str, Any], currency: str
) -> dict[str, Callable[[bool], Figure]]:
    threshold, judged = study.fit.threshold, study.sweep()
    chosen_on = None if study.cross_fitted else study.fit_sweep()
    costs = {name: row['cost_per_1000'] for name, row in figures['policies'].items()}
    return {
        'confusion_matrix': lambda dark: plot_confusions(
            figures['confusion'],
            study.answers.classes,
            study.unsafe,
            np.array(figures['decision_confusion']),
            _decision_title(study),
            dark,
        ),
        'reliability': lambda dark: plot_before_after(figures['calibration'], dark),
        'threshold_sweep': lambda dark: plot_sweep(
            judged, chosen_on, threshold, costs, currency, dark
        ),
    }


def _themes(draw: Callable[[bool], Figure]) -> dict[str, str]:
    uris = {}
    for theme in ('light', 'dark'):
        with paper(theme == 'dark'):
            uris[theme] = _data_uri('image/png', png_bytes(draw(theme == 'dark')))
    return uris


def _jpeg_uri(card: np.ndarray | None) -> str | None:
    if card is None:
        return None
    _, jpeg = cv2.imencode('.jpg', card, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return _data_uri('image/jpeg', jpeg.tobytes())


def _data_uri(kind: str, content: bytes) -> str:
    return f'data:{kind};base64,{base64.b64encode(content).decode()}'


def _class_rows(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = figures['best_scored']
    return [
        {
            'name': name,
            'unsafe': name in figures['unsafe'],
            'images': int(own['images'][index]),
            **{kind: own[kind][index] for kind in ('precision', 'recall', 'f1')},
        }
        for index, name in enumerate(figures['classes'])
    ]


def _matrices(study: DecisionStudy, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Both confusion matrices, with the share and the meaning of each cell."""
    classes = study.answers.classes
    unsafe = np.isin(np.arange(len(classes)), study.unsafe)
    return [
        _matrix(
            'Best-scored class', classes, classes, figures['confusion'], unsafe, unsafe
        ),
        _matrix(
            _decision_title(study),
            ('safe', 'unsafe'),
            ('let through', 'held back'),
            np.array(figures['decision_confusion']),
            np.array([False, True]),
            np.array([False, True]),
        ),
    ]


def _decision_title(study: DecisionStudy) -> str:
    if study.cross_fitted:
        return 'Decision, cross-fitted'
    return f'Decision at {study.fit.threshold:.3g}'


def _matrix(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    counts: np.ndarray,
    unsafe_rows: np.ndarray,
    unsafe_columns: np.ndarray,
) -> dict[str, Any]:
    totals = counts.sum(axis=1)
    return {
        'title': title,
        'columns': columns,
        'rows': [
            {
                'name': name,
                'total': int(totals[row]),
                'cells': [
                    {
                        'count': int(count),
                        'share': count / totals[row] if totals[row] else 0.0,
                        'right': row == column,
                        'missed': unsafe_rows[row] and not unsafe_columns[column],
                    }
                    for column, count in enumerate(counts[row])
                ],
            }
            for row, name in enumerate(rows)
        ],
    }


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / 'templates'),
        autoescape=name.endswith('.html.j2'),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {'share': share, 'interval': interval, 'money': money}
    environment.filters['digits'] = lambda v: f'{v:.3g}'
    environment.filters['figure'] = lambda v: '–' if np.isnan(v) else f'{v:.3f}'
    # A name could end a table's cell, or a picture's alternative text.
    environment.filters['cell'] = lambda text: text.replace('|', '\\|').replace(
        '\n', ' '
    )
    return environment.get_template(name)
