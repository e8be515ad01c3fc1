"""Pictures of what was decided wrongly, the worst first."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..datasets.safe_image import InvalidImageError, decode_bgr
from ..evaluation.decision_study import DecisionStudy
from .plot_style import paper

MAX_CASES = 12
_COLUMNS = 4
_WIDTH_PX, _HEIGHT_PX = 360, 270
_LONG_NAME = 30


class Case(NamedTuple):
    """One image that was decided wrongly; ``score`` is its calibrated unsafe score."""

    img_path: str
    score: float
    truth: str
    best_scored: str

    @property
    def name(self) -> str:
        """File name, its middle left out where it is long."""
        name = Path(self.img_path).name
        half = _LONG_NAME // 2
        return name if len(name) <= _LONG_NAME else f'{name[:half]}…{name[-half:]}'


def wrong_cases(study: DecisionStudy) -> dict[str, list[Case]]:
    """``misses``, the lowest score first, and ``false_alarms``, the highest first."""
    wrong = {
        'misses': study.is_unsafe & ~study.held_back,
        'false_alarms': ~study.is_unsafe & study.held_back,
    }
    answers, cases = study.answers, {}
    for kind, chosen in wrong.items():
        order = study.scores if kind == 'misses' else -study.scores
        found = np.flatnonzero(chosen)
        cases[kind] = [
            Case(
                str(answers.img_paths[index]),
                float(study.scores[index]),
                answers.classes[answers.labels[index]],
                answers.classes[study.best_scored[index]],
            )
            for index in found[np.argsort(order[found], kind='stable')]
        ]
    return cases


def case_picture(path: str) -> np.ndarray | None:
    """The picture on a card of 360 x 270, uint8 BGR; None where it cannot be read."""
    try:
        image = decode_bgr(Path(path).read_bytes(), path)
    except (OSError, InvalidImageError):
        return None
    scale = min(_WIDTH_PX / image.shape[1], _HEIGHT_PX / image.shape[0])
    width, height = (max(1, round(scale * side)) for side in image.shape[1::-1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = cv2.resize(image, (width, height), interpolation=how)
    card = np.full((_HEIGHT_PX, _WIDTH_PX, 3), 235, np.uint8)
    top, left = (_HEIGHT_PX - height) // 2, (_WIDTH_PX - width) // 2
    card[top : top + height, left : left + width] = image
    return card


def plot_gallery(
    cases: Sequence[Case], pictures: Sequence[np.ndarray | None], dark: bool = False
) -> Figure:
    """Pictures with score, truth and name.

    Args:
        cases: At least one.
        pictures: Their cards, None for a placeholder.
        dark: Dark paper; save the figure inside ``paper(dark)``.
    """
    columns = min(_COLUMNS, len(cases))
    rows = -(-len(cases) // columns)
    with paper(dark) as palette:
        size = (2.7 * columns, 2.5 * rows)
        figure = Figure(figsize=size, layout='constrained')
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, case, picture in zip(grid, cases, pictures, strict=False):
            axes.set_title(
                f'{case.score:.3f}  {case.truth}', fontsize=9, loc='left', pad=3
            )
            axes.text(
                0, -0.03, case.name, transform=axes.transAxes, va='top', fontsize=8
            )
            if picture is not None:
                axes.imshow(picture[..., ::-1])
                continue
            axes.imshow(np.ones((_HEIGHT_PX, _WIDTH_PX, 3)), alpha=0)
            card: Any = dict(transform=axes.transAxes, color=palette.faint)
            axes.add_patch(Rectangle((0, 0), 1, 1, **card))
            axes.text(
                0.5,
                0.5,
                'picture not found',
                transform=axes.transAxes,
                ha='center',
                va='center',
                style='italic',
            )
    return figure
