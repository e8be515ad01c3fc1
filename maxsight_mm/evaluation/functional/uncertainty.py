"""Is an image's uncertainty high where its answers are wrong?

``image_error`` defines the error that the uncertainty should foresee; the training
of the uncertainty head uses the same definition. The other functions compare the
two: rank correlation, AUROC, and the risk-coverage curve of selective answering
(Geifman and El-Yaniv, arXiv 1705.08500; excess area: arXiv 1805.08206).
"""

import numpy as np
from scipy.stats import rankdata


def image_error(
    objects_wrong: np.ndarray | None = None, urgency_wrong: bool | None = None
) -> float:
    """Share of one image's safety answers that are wrong. Our design.

    The share of wrong objects and the image's urgency (0 right, 1 wrong) weigh the
    same, so that a crowded image does not drown the one answer about the whole. A
    part that is unlabelled or unanswered is left out, and so is the object part of
    an image without objects.

    Args:
        objects_wrong: (G,) bool, from ``wrong_objects``; None if unlabelled.
        urgency_wrong: Whether the image's urgency is wrong; None if unlabelled or
            unanswered.

    Returns:
        The error in [0, 1]; nan when nothing can be judged.
    """
    parts = []
    if objects_wrong is not None and len(objects_wrong):
        parts.append(float(np.asarray(objects_wrong, dtype=np.float64).mean()))
    if urgency_wrong is not None:
        parts.append(float(urgency_wrong))
    return sum(parts) / len(parts) if parts else float('nan')


def wrong_objects(
    found_by: np.ndarray,
    labels: np.ndarray,
    gt_labels: np.ndarray,
    zones: np.ndarray | None = None,
    gt_zones: np.ndarray | None = None,
) -> np.ndarray:
    """Which objects are missed, found under a wrong class, or put in a wrong zone.

    False alarms are not judged here: they belong to no object.

    Args:
        found_by: (G,) int, from ``match_boxes``: the detection that found each
            object, -1 for none.
        labels: (N,) int classes of the detections.
        gt_labels: (G,) int classes of the objects.
        zones: (N,) int zones of the detections; None if not answered, and then no
            zone is wrong.
        gt_zones: (G,) int zones of the objects, -1 unlabelled; None if all are.

    Returns:
        (G,) bool.
    """
    found = found_by >= 0
    detection = found_by[found]
    wrong = ~found
    wrong[found] |= labels[detection] != gt_labels[found]
    if zones is not None and gt_zones is not None:
        labelled = gt_zones[found] >= 0
        wrong[found] |= labelled & (zones[detection] != gt_zones[found])
    return wrong


def spearman_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation in [-1, 1], equal values sharing their mean rank.

    Args:
        a: (N,) float.
        b: (N,) float.

    Returns:
        The correlation; nan when either is constant.
    """
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float('nan')
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])


def auroc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Probability that a positive scores above a negative, ties counting half.

    Args:
        scores: (N,) float.
        positive: (N,) bool.

    Returns:
        The area in [0, 1]; nan without a positive or without a negative.
    """
    positive = np.asarray(positive, dtype=bool)
    num_positive = int(positive.sum())
    num_negative = len(positive) - num_positive
    if not num_positive or not num_negative:
        return float('nan')
    rank_sum = rankdata(scores)[positive].sum()
    lowest = num_positive * (num_positive + 1) / 2
    return float((rank_sum - lowest) / (num_positive * num_negative))


def risk_coverage_area(uncertainty: np.ndarray, error: np.ndarray) -> float:
    """Mean error of the k least uncertain cases, averaged over k = 1..N (AURC).

    Equal uncertainties give the expected value over their random order.

    Args:
        uncertainty: (N,) float.
        error: (N,) float, at least 0.

    Returns:
        The area, lower is better; nan when empty.
    """
    if not len(error):
        return float('nan')
    _, group = np.unique(uncertainty, return_inverse=True)
    group_mean = np.bincount(group, error) / np.bincount(group)
    expected = group_mean[np.sort(group)]
    return float((np.cumsum(expected) / np.arange(1, len(expected) + 1)).mean())


def excess_risk_coverage_area(uncertainty: np.ndarray, error: np.ndarray) -> float:
    """AURC above that of an oracle that ranks by the error itself; 0 is best."""
    return risk_coverage_area(uncertainty, error) - risk_coverage_area(error, error)
