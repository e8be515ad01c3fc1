"""Plain-text tables and valid JSON, where nan means *not measured*."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.fileio import dump
from terminaltables import AsciiTable

# by ``count_heuristic``: which labels a table was judged against
LABELS_JUDGED = {False: 'annotated labels', True: 'heuristic labels counted'}


def text_table(title: str, header: Sequence[str], rows: Sequence[Sequence]) -> str:
    """Table for the log: floats with three decimals, '-' for nan."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    return f'\n{title}\n{AsciiTable(cells).table}'


def confusion_table(title: str, confusion: np.ndarray, levels: Sequence[str]) -> str:
    """Table of a confusion matrix (L, L); the row is the true level."""
    rows = [
        [level, *row] for level, row in zip(levels, confusion.tolist(), strict=True)
    ]
    return text_table(title, ['truth / answer', *levels], rows)


def dump_json(report: dict, path: str) -> None:
    """Write a report of arrays, numbers and strings; nan becomes ``null``."""
    dump(_plain(report), path)


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return '-' if math.isnan(value) else f'{value:.3f}'


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
