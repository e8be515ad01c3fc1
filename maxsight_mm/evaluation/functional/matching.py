"""Which detection answers for which object: greedy matching by box overlap.

Two rules, both highest score first. ``match_classwise`` is COCO's (same class,
ignored regions swallow detections) and serves average precision, precision and
calibration. ``match_boxes`` looks at boxes alone and serves the safety metrics:
an obstacle that is found under a wrong name has still been found.
"""

import numpy as np

MISS, HIT, IGNORED = 0, 1, -1


def pairwise_iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair.

    Args:
        boxes_a: (A, 4) xyxy boxes.
        boxes_b: (B, 4) xyxy boxes.

    Returns:
        (A, B) float64 in [0, 1]; 0 where the union is empty.
    """
    inter = _pairwise_intersection(boxes_a, boxes_b)
    union = _areas(boxes_a)[:, None] + _areas(boxes_b)[None, :] - inter
    return np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)


def pairwise_iof(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Intersection over the area of the first box (COCO's rule for crowds).

    Args:
        boxes_a: (A, 4) xyxy boxes, the foreground.
        boxes_b: (B, 4) xyxy boxes.

    Returns:
        (A, B) float64 in [0, 1]; 0 where the first box is empty.
    """
    inter = _pairwise_intersection(boxes_a, boxes_b)
    area = np.broadcast_to(_areas(boxes_a)[:, None], inter.shape)
    return np.divide(inter, area, out=np.zeros_like(inter), where=area > 0)


def match_boxes(
    boxes: np.ndarray,
    scores: np.ndarray,
    gt_boxes: np.ndarray,
    iou_thr: float = 0.5,
) -> np.ndarray:
    """Match detections to objects by box alone, whatever their classes.

    In falling order of score each detection takes the free object that it
    overlaps most, if by at least ``iou_thr``.

    Args:
        boxes: (N, 4) xyxy detections.
        scores: (N,) float.
        gt_boxes: (G, 4) xyxy objects.
        iou_thr: Least intersection over union of a match.

    Returns:
        (G,) int64, the index of the detection that found each object, -1 where
        none did.
    """
    iou = pairwise_iou(boxes, gt_boxes)
    found_by = np.full(len(gt_boxes), -1, dtype=np.int64)
    for index in _by_falling_score(scores):
        target = _best_free(iou[index], found_by >= 0, iou_thr)
        if target is not None:
            found_by[target] = index
    return found_by


def match_classwise(
    boxes: np.ndarray,
    scores: np.ndarray,
    labels: np.ndarray,
    gt_boxes: np.ndarray,
    gt_labels: np.ndarray,
    ignored_boxes: np.ndarray,
    ignored_labels: np.ndarray,
    iou_thr: float = 0.5,
    max_dets: int = 100,
) -> np.ndarray:
    """Judge each detection by COCO's rule: its class, one object each.

    Args:
        boxes: (N, 4) xyxy detections.
        scores: (N,) float.
        labels: (N,) int.
        gt_boxes: (G, 4) xyxy objects.
        gt_labels: (G,) int.
        ignored_boxes: (I, 4) xyxy crowd regions.
        ignored_labels: (I,) int.
        iou_thr: Least overlap of a match.
        max_dets: Detections judged per class; those of lower score are ignored.

    Returns:
        (N,) int8: ``HIT``, ``MISS`` (a false alarm) or ``IGNORED`` (on a crowd
        region, or beyond ``max_dets``).
    """
    outcome = np.full(len(boxes), IGNORED, dtype=np.int8)
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        mine = mine[_by_falling_score(scores[mine])][:max_dets]
        objects = gt_boxes[gt_labels == label]
        crowds = ignored_boxes[ignored_labels == label]
        iou = pairwise_iou(boxes[mine], objects)
        in_crowd = np.any(pairwise_iof(boxes[mine], crowds) >= iou_thr, axis=1)
        taken = np.zeros(len(objects), dtype=bool)
        for row, index in enumerate(mine):
            target = _best_free(iou[row], taken, iou_thr)
            if target is not None:
                taken[target] = True
                outcome[index] = HIT
            elif not in_crowd[row]:
                outcome[index] = MISS
    return outcome


def _by_falling_score(scores: np.ndarray) -> np.ndarray:
    return np.argsort(-scores, kind='stable')


def _best_free(iou: np.ndarray, taken: np.ndarray, iou_thr: float) -> int | None:
    """Index of the free object with the largest overlap (G,), or None."""
    free = np.where(taken, -1.0, iou)
    if not free.size:
        return None
    # COCO compares with <, so of equal overlaps the last object wins.
    best = free.size - 1 - int(free[::-1].argmax())
    return best if free[best] >= min(iou_thr, 1 - 1e-10) else None


def _areas(boxes: np.ndarray) -> np.ndarray:
    boxes = boxes.astype(np.float64)
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def _pairwise_intersection(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    a = boxes_a.astype(np.float64)[:, None]
    b = boxes_b.astype(np.float64)[None, :]
    size = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return size.clip(min=0).prod(axis=-1)
