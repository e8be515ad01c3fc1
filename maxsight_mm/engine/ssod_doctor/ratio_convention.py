"""Anchor ratios that were given as width / height where height / width is meant."""

import numpy as np

from maxsight_mm.datasets.anchor_fit import class_means
from maxsight_mm.datasets.anchor_overlap import best_aspect_iou, level_shapes

from ..anchor_setting import anchor_levels
from .case import Case
from .finding import Finding

# Of the best IoU at equal area: the mean over classes, and one class alone.
CLEAR_GAIN = 0.02
CLASS_GAIN = 0.08


def check_ratio_convention(case: Case) -> list[Finding]:
    """Compares the anchors with their mirror images, width and height swapped."""
    if case.generator is None or case.boxes is None:
        return []
    place, generator = case.generator
    shapes = level_shapes(anchor_levels(generator))
    aspects = np.unique((shapes[:, 0] / shapes[:, 1]).round(4))
    boxes = case.boxes
    as_is = class_means(best_aspect_iou(boxes.sizes_wh, aspects), boxes.labels)
    swapped = class_means(best_aspect_iou(boxes.sizes_wh, 1 / aspects), boxes.labels)
    gains = swapped - as_is
    names = [boxes.classes[label] for label in np.unique(boxes.labels)]
    won = [
        f'{name} {old:.2f} -> {new:.2f}'
        for name, old, new in zip(names, as_is, swapped, strict=True)
        if new - old > CLEAR_GAIN
    ]
    what = f'{place} has width / height {_listed(aspects)}'
    if gains.mean() > CLEAR_GAIN:
        why = (
            f'with width and height swapped, the best IoU by shape rises from '
            f'{as_is.mean():.2f} to {swapped.mean():.2f} ({", ".join(won)}): ratios '
            'are height / width'
        )
        fix = f'AspectAnchorGenerator with aspects_wh={_listed(1 / aspects)}'
        return [Finding('error', 'ratio_convention', what, why, fix)]
    if gains.max() > CLASS_GAIN:
        why = (
            f'swapped they would suit some classes better ({", ".join(won)}), others '
            'worse: perhaps width / height was meant, ratios are height / width'
        )
        fix = 'the proposal of tools/analysis_tools/anchor_coverage.py'
        return [Finding('warning', 'ratio_convention', what, why, fix)]
    return []


def _listed(values: np.ndarray) -> list[float]:
    return [round(float(value), 2) for value in sorted(values)]
