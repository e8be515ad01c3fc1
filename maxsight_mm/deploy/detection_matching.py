"""Which detection of one answer is which of another, and why one may be missing.

Two runtimes never compute the same last bit, so a detection whose score lies on the
threshold, or whose overlap lies on that of the suppression, may be there in one and
absent in the other. Such a *tie* is no change of a decision if its margin is as small
as the numeric noise; anything wider is (our design).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from maxsight_mm.inference import SafetyAnswer


@dataclass(frozen=True)
class Tie:
    """A decision that could have gone either way.

    Attributes:
        kind: What was decided.
        reason: Which rule decided it.
        margin: How far from it, in units of a score or of an overlap.
    """

    kind: str
    reason: str
    margin: float


def pairwise_iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(M, K) overlaps of (M, 4) and (K, 4) xyxy boxes, in float64."""
    a, b = first.astype(np.float64)[:, None], second.astype(np.float64)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.maximum(sides, 0).prod(axis=-1)
    areas = [(x[..., 2:] - x[..., :2]).prod(axis=-1) for x in (a, b)]
    union = areas[0] + areas[1] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def match_pairs(
    overlaps: np.ndarray, allowed: np.ndarray | bool, min_iou: float
) -> list[tuple[int, int]]:
    """One-to-one pairs, the largest overlap first; scores and order play no part.

    Args:
        overlaps: (M, K).
        allowed: (M, K) bool, or one bool for all.
        min_iou: Least overlap of a pair.

    Returns:
        List of (row, column).
    """
    values = np.where(allowed, overlaps, -1.0)
    pairs = []
    while values.size and values.max() >= min_iou:
        row, column = np.unravel_index(values.argmax(), values.shape)
        pairs.append((int(row), int(column)))
        values[row], values[:, column] = -1.0, -1.0
    return pairs


def tie_of_missing(
    found: SafetyAnswer,
    index: int,
    other: SafetyAnswer,
    test_cfg: Mapping[str, Any],
) -> Tie:
    """The closest rule that may have kept a detection out of the other answer.

    Args:
        found: The answer that has it.
        index: Its place there.
        other: The answer that lacks it.
        test_cfg: Settings of the decoder.

    Returns:
        The tie of least margin, whatever that is.
    """
    score, label = float(found.scores[index]), found.labels[index]
    ties = [('score_thr', score - test_cfg['score_thr'])]
    if len(other.scores) >= test_cfg['max_per_img']:
        ties.append(('max_per_img', abs(score - float(other.scores[-1]))))
    rivals = np.flatnonzero(other.labels == label)
    overlaps = pairwise_iou(found.boxes[index : index + 1], other.boxes[rivals])[0]
    limit = test_cfg['iou_threshold']
    for rival, overlap in zip(rivals, overlaps, strict=True):
        lead = float(other.scores[rival]) - score
        # What suppresses has the higher score and the larger overlap: how far is the
        # rival from doing so, and from not doing so in the answer that has both?
        if overlap > limit:
            # In its own answer the rival lost to it, so only their order differs.
            ties.append(('order of suppression', abs(lead)))
        if lead > 0:
            ties.append(('iou_threshold', abs(float(overlap) - limit)))
    reason, margin = min(ties, key=lambda tie: tie[1])
    return Tie('detection', reason, margin)


def level_margin(scores: np.ndarray, min_safe_score: float | None = None) -> float:
    """How far the best of some scores is from losing.

    Args:
        scores: (C,) float.
        min_safe_score: Score that level 0 must reach, where there is such a rule.

    Returns:
        Smallest change of a score, or of a difference of two, that gives another
        answer.
    """
    ordered = np.sort(scores.astype(np.float64))
    if min_safe_score is None:
        return float(ordered[-1] - ordered[-2])
    safe, others = float(scores[0]), np.sort(scores[1:].astype(np.float64))
    to_rule = abs(safe - min_safe_score)
    if safe < min_safe_score:
        # Were the rule met, safe would be answered only if it were also the best.
        to_safe = max(to_rule, float(others[-1]) - safe)
        return min(to_safe, float(others[-1] - others[-2]))
    if safe == ordered[-1]:
        return min(to_rule, float(ordered[-1] - ordered[-2]))
    return float(ordered[-1] - ordered[-2])
