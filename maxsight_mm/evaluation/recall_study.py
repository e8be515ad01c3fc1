"""Arms of an experiment, each with a run a seed, compared by the recall of one class.

All runs are judged on one annotation file, so that their images and objects are equal.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .detection_files import ImageDetections, ImageObjects
from .functional.class_recall import recall_over_seeds
from .functional.detection import PrecisionRecallCurve, precision_recall_curve
from .functional.matching import match_classwise

Arms = dict[str, list[PrecisionRecallCurve]]
_SEED = re.compile(r'seed[_-]?\d+$')


def arms_of(runs: Sequence[str]) -> dict[str, list[Path]]:
    """Files by the arm that they belong to.

    Args:
        runs: ``NAME=FILE``, or a file whose folder, or the one above ``seedN``, has the
            arm's name, as ``compare_seeds.py`` lays them out.

    Raises:
        ValueError: If a file is given twice, or an arm has no name.
    """
    arms: dict[str, list[Path]] = {}
    for run in runs:
        name, equals, file = run.partition('=')
        path = Path(file if equals else run)
        if not equals:
            folder = path.absolute().parent
            name = (folder.parent if _SEED.match(folder.name) else folder).name
        if not name:
            raise ValueError(f'{run!r} names no arm: give NAME=FILE')
        arms.setdefault(name, []).append(path)
    paths = [path.resolve() for files in arms.values() for path in files]
    for path in paths:
        if paths.count(path) > 1:
            raise ValueError(f'{path} is given twice')
    return arms


def class_curve(
    detections: Mapping[Any, ImageDetections],
    truth: Mapping[Any, ImageObjects],
    label: int,
    iou_thr: float = 0.5,
) -> PrecisionRecallCurve:
    """Precision and recall of one class over all images.

    Args:
        detections: Of every image.
        truth: Of the same images.
        label: The class.
        iou_thr: Least overlap of a detection with its object.
    """
    scores, outcomes = [np.empty(0)], [np.empty(0)]
    number = 0
    for image, objects in truth.items():
        boxes, score, labels = detections[image]
        mine = labels == label
        outcome = match_classwise(
            boxes[mine], score[mine], labels[mine], *objects, iou_thr=iou_thr
        )
        scores.append(score[mine])
        outcomes.append(outcome)
        number += int((objects.labels == label).sum())
    return precision_recall_curve(
        np.concatenate(scores), np.concatenate(outcomes), number
    )


def recall_table(arms: Arms, precisions: Sequence[float]) -> str:
    """Markdown: an arm a row, its recall at each precision.

    A cell holds the mean over seeds and, with more than one, the range.
    """
    heads = ['arm', 'seeds', *(f'recall at {p:g} precision' for p in precisions)]
    rows = [heads, ['---', *['---:'] * (len(heads) - 1)]]
    for name, curves in arms.items():
        spread = recall_over_seeds(curves, precisions)
        cells = [f'{mean:.3f}' for mean in spread.mean]
        if len(curves) > 1:
            ranges = zip(spread.low, spread.high, strict=True)
            cells = [
                f'{cell} ({low:.3f} to {high:.3f})'
                for cell, (low, high) in zip(cells, ranges, strict=True)
            ]
        rows.append([name, str(len(curves)), *cells])
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)
