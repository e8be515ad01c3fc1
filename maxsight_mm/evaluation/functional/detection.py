"""Precision, recall and F1 of one class along its scores and at one threshold."""

from typing import NamedTuple

import numpy as np

from .matching import HIT, IGNORED


class PrecisionRecallCurve(NamedTuple):
    """Precision and recall after each detection, highest score first.

    The arrays are (D,) float64 for D judged detections; the recall is nan for a
    class without objects.
    """

    scores: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    num_objects: int


class OperatingPoint(NamedTuple):
    """What detections with ``score >= threshold`` give; nan where undefined."""

    threshold: float
    precision: float
    recall: float
    f1: float


def precision_recall_curve(
    scores: np.ndarray, outcome: np.ndarray, num_objects: int
) -> PrecisionRecallCurve:
    """Curve of one class over a whole data set.

    Args:
        scores: (N,) float.
        outcome: (N,) int, from ``match_classwise``.
        num_objects: Objects of the class.
    """
    judged = outcome != IGNORED
    scores, outcome = scores[judged].astype(np.float64), outcome[judged]
    order = np.argsort(-scores, kind='stable')
    hits = np.cumsum(outcome[order] == HIT)
    recall = hits / num_objects if num_objects else np.full(len(hits), np.nan)
    precision = hits / np.arange(1, len(hits) + 1)
    return PrecisionRecallCurve(scores[order], precision, recall, num_objects)


def sampled_precision(curve: PrecisionRecallCurve, num_points: int = 101) -> np.ndarray:
    """Interpolated precision at evenly spaced recalls, as COCO samples it.

    Its mean is the class's average precision at the overlap that the outcomes were
    judged by.

    Returns:
        (num_points,) float64, nan throughout when the class has no object.
    """
    if not curve.num_objects:
        return np.full(num_points, np.nan)
    envelope = np.maximum.accumulate(curve.precision[::-1])[::-1]
    points = np.linspace(0, 1, num_points)
    index = np.searchsorted(curve.recall, points, side='left')
    # Recalls that are never reached have precision 0.
    return np.append(envelope, 0.0)[index]


def operating_point(
    scores: np.ndarray, outcome: np.ndarray, num_objects: int, threshold: float
) -> OperatingPoint:
    """Precision, recall and F1 of one class at a given score threshold.

    All nan for a class without objects; precision is nan without detections.

    Args:
        scores: (N,) float.
        outcome: (N,) int, from ``match_classwise``.
        num_objects: Objects of the class.
        threshold: Least score of a detection that counts.
    """
    kept = (outcome != IGNORED) & (scores >= threshold)
    num_kept = int(kept.sum())
    hits = int((outcome[kept] == HIT).sum())
    if not num_objects:
        return OperatingPoint(threshold, np.nan, np.nan, np.nan)
    return OperatingPoint(
        threshold,
        hits / num_kept if num_kept else np.nan,
        hits / num_objects,
        2 * hits / (num_kept + num_objects),
    )


def best_f1_point(curve: PrecisionRecallCurve) -> OperatingPoint:
    """The threshold with the largest F1; of equals the highest threshold.

    The threshold is chosen on the data it is judged on, so this is what the scores
    *allow*, not what a user will see. All nan without objects or detections.
    """
    scores, precision, recall, num_objects = curve
    if not len(scores) or not num_objects:
        return OperatingPoint(np.nan, np.nan, np.nan, np.nan)
    total = precision + recall
    f1 = np.divide(
        2 * precision * recall, total, out=np.zeros_like(total), where=total > 0
    )
    # Equal scores pass a threshold together: only the last of them is reachable.
    reachable = np.append(scores[:-1] != scores[1:], True)
    best = int(np.where(reachable, f1, -1.0).argmax())
    return OperatingPoint(
        float(scores[best]),
        float(precision[best]),
        float(recall[best]),
        float(f1[best]),
    )
