"""Threshold and suppression for graphs that end in scores, in numpy.

Does what ``DetectionDecoder`` and ``cautious_levels`` do, in float32 and in their
order of operations. Where they leave the order of equal scores open, the lower
location comes first, as in ONNX's TopK.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from maxsight_mm.inference import NetworkAnswer


def decode_scores(
    outputs: Mapping[str, np.ndarray],
    index: int,
    image_shape: tuple[int, int],
    test_cfg: Mapping[str, Any],
    min_safe_scores: Mapping[str, float],
) -> NetworkAnswer:
    """Detections and image answers of one image of a batch.

    Args:
        outputs: Outputs of a graph of kind *scores*, see ``SafetyScores``.
        index: Which image of the batch.
        image_shape: Height and width that boxes are clipped to.
        test_cfg: ``score_thr``, ``nms_pre``, ``iou_threshold``, ``max_per_img``.
        min_safe_scores: Of ``urgency`` and ``object_urgency``.
    """
    scores = outputs['scores'][index]
    # Stable, so that equal scores keep the order of their locations.
    best = np.argsort(-scores, kind='stable')[: test_cfg['nms_pre']]
    best = best[scores[best] > test_cfg['score_thr']]
    height, width = image_shape
    limit = np.array([width, height, width, height], np.float32)
    boxes = np.clip(outputs['boxes'][index][best], 0, limit)
    labels = outputs['labels'][index][best].astype(np.int64)
    kept = class_wise_nms(boxes, labels, test_cfg['iou_threshold'])
    kept = kept[: test_cfg['max_per_img']]
    best = best[kept]
    zone_scores = outputs['zone_scores'][index][best]
    urgency_scores = outputs['object_urgency_scores'][index][best]
    image_scores = outputs['urgency_scores'][index]
    return NetworkAnswer(
        boxes=boxes[kept],
        scores=scores[best],
        labels=labels[kept],
        zones=zone_scores.argmax(axis=-1),
        zone_scores=zone_scores,
        urgencies=cautious_levels(urgency_scores, min_safe_scores['object_urgency']),
        urgency_scores=urgency_scores,
        image_urgency=int(cautious_levels(image_scores, min_safe_scores['urgency'])),
        image_urgency_scores=image_scores,
        uncertainty=float(outputs['uncertainty'][index].reshape(-1)[0]),
    )


def class_wise_nms(
    boxes: np.ndarray, labels: np.ndarray, iou_threshold: float
) -> np.ndarray:
    """Positions of the boxes that no better box of their class overlaps.

    Args:
        boxes: (K, 4) float32 xyxy, best first.
        labels: (K,) int64.
        iou_threshold: Overlap above which the later box goes.

    Returns:
        (M,) int64, ascending.
    """
    if not len(boxes):
        return np.empty(0, np.int64)
    # Classes are moved apart and overlaps taken there, as batched_nms does: rounding
    # of the moved coordinates can decide a borderline overlap.
    step = boxes.max() + np.float32(1)
    boxes = boxes + (labels.astype(np.float32) * step)[:, None]
    x1, y1, x2, y2 = boxes.T
    areas = (x2 - x1) * (y2 - y1)
    threshold = np.float32(iou_threshold)
    left: np.ndarray = np.arange(len(boxes))
    kept: list[int] = []
    while left.size:
        first, left = int(left[0]), left[1:]
        kept.append(first)
        width = np.minimum(x2[first], x2[left]) - np.maximum(x1[first], x1[left])
        height = np.minimum(y2[first], y2[left]) - np.maximum(y1[first], y1[left])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        # Two boxes without area overlap by 0/0, which is above no threshold.
        with np.errstate(invalid='ignore'):
            overlap = shared / (areas[first] + areas[left] - shared)
        left = left[~(overlap > threshold)]
    return np.array(kept, np.int64)


def cautious_levels(scores: np.ndarray, min_safe_score: float) -> np.ndarray:
    """The best-scored level, but *safe* only where its score is high enough.

    Args:
        scores: (..., 4) float32 adding up to 1.
        min_safe_score: Below it the best of the other three levels is given.

    Returns:
        (...) int64 levels.
    """
    unsafe = scores[..., 1:].argmax(axis=-1) + 1
    doubtful = scores[..., 0] < np.float32(min_safe_score)
    return np.where(doubtful, unsafe, scores.argmax(axis=-1))
