"""How the anchors of a head cover the boxes of each class, and which would do better.

Trained matching is on the grid: an RPN takes an anchor as positive from IoU 0.7 on,
a RetinaNet from 0.5, and each box's best anchor below that as a last resort.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mmdet.models.task_modules.prior_generators import AnchorGenerator

from maxsight_mm.datasets.anchor_fit import (
    Balance,
    aspect_quartiles,
    class_means,
    fit_aspects,
    fit_base_scale,
    scales_of,
    squared_miss,
)
from maxsight_mm.datasets.anchor_overlap import (
    AnchorLevel,
    best_centred_iou,
    best_grid_iou,
    level_shapes,
)

from .anchor_setting import with_shapes
from .network_boxes import NetworkBoxes

IOUS = (0.5, 0.7)
# Boxes of a class that scales are tried on.
MOST_TRIED = 2000


@dataclass(frozen=True)
class ClassCoverage:
    """One class; all but ``count`` and ``boxes`` are NaN without boxes.

    Attributes:
        aspect_quartiles: Width / height at 25, 50 and 75 %.
        centred_median: Median of the best centred IoU.
        centred_50: Share of boxes with a centred IoU of 0.5; ``_70``: of 0.7.
        grid_50: Share of boxes that reach 0.5 with an anchor of the grid.
    """

    name: str
    count: int
    aspect_quartiles: tuple[float, float, float]
    centred_median: float
    centred_50: float
    centred_70: float
    grid_50: float
    grid_70: float


@dataclass(frozen=True)
class Proposal:
    """Anchors fitted to boxes: width / height, scales, and the levels they give."""

    aspects_wh: list[float]
    scales: list[float]
    levels: list[AnchorLevel]


def class_coverage(
    found: NetworkBoxes, levels: Sequence[AnchorLevel]
) -> list[ClassCoverage]:
    """Coverage of every class, in label order."""
    quartiles = aspect_quartiles(found.sizes_wh, found.labels, len(found.classes))
    centred = best_centred_iou(found.sizes_wh, level_shapes(levels))
    grid = best_grid_iou(found.boxes, found.image_wh, levels)
    rows = []
    for label, name in enumerate(found.classes):
        own = found.labels == label
        by_shape, laid = centred[own], grid[own]
        if own.any():
            figures = [
                np.median(by_shape),
                *((each >= iou).mean() for each in (by_shape, laid) for iou in IOUS),
            ]
        else:
            figures = [np.nan] * 5
        low, middle, high = (float(value) for value in quartiles[label])
        rows.append(
            ClassCoverage(
                name,
                int(own.sum()),
                (low, middle, high),
                *(float(figure) for figure in figures),
            )
        )
    return rows


def propose_anchors(
    found: NetworkBoxes,
    generator: AnchorGenerator,
    count: int,
    balance: Balance = 'equal',
) -> Proposal:
    """Fits ``count`` aspects, then scales, on the generator's strides.

    As many scales as the generator has, evenly within an octave: with strides that
    double, the levels repeat them. Scales are judged on the grid, classes equally.
    """
    aspects = fit_aspects(found.sizes_wh, found.labels, count, balance)
    aspects = np.unique(aspects.round(2).clip(0.01))
    per_octave = len(generator.scales)
    tried = _thinned(found.labels)
    boxes, image_wh = found.boxes[tried], found.image_wh[tried]

    def mean_miss(base_scale: float) -> float:
        levels = with_shapes(generator, aspects, scales_of(base_scale, per_octave))
        miss = squared_miss(best_grid_iou(boxes, image_wh, levels))
        return float(class_means(miss, found.labels[tried]).mean())

    base_scale = fit_base_scale(mean_miss, float(generator.scales.min()))
    scales = [round(scale, 2) for scale in scales_of(base_scale, per_octave)]
    levels = with_shapes(generator, aspects, scales)
    return Proposal(aspects.tolist(), scales, levels)


def _thinned(labels: np.ndarray) -> np.ndarray:
    """Indices of at most ``MOST_TRIED`` boxes a class, evenly through the file."""
    kept = []
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        kept.append(own[:: -(-len(own) // MOST_TRIED)])
    return np.concatenate(kept)
