"""Which boxes of a teacher are true, where labels know it."""

import torch
from mmdet.structures.bbox import bbox_overlaps
from mmengine.structures import InstanceData
from torch import Tensor


def match_labelled(
    boxes: InstanceData, truth: InstanceData, num_classes: int, min_iou: float = 0.5
) -> tuple[Tensor, Tensor]:
    """Greedy matching within each class, best score first, as COCO does.

    Args:
        boxes: ``bboxes`` (n, 4) xyxy, ``labels`` (n,), sorted by falling score.
        truth: ``bboxes`` (m, 4) xyxy and ``labels`` (m,) int64 in [0, C).
        num_classes: C.
        min_iou: Least overlap of a match.

    Returns:
        (n,) bool, whether a box found an object that none before it had found, and
        (C,) int64, how many objects of each class nobody found.
    """
    overlaps = bbox_overlaps(boxes.bboxes, truth.bboxes)
    overlaps[boxes.labels[:, None] != truth.labels[None, :]] = 0
    found = torch.zeros_like(truth.labels, dtype=torch.bool)
    is_true = torch.zeros_like(boxes.labels, dtype=torch.bool)
    if overlaps.numel():
        for index, row in enumerate(overlaps):
            best, target = row.masked_fill(found, 0).max(dim=0)
            if best >= min_iou:
                found[target] = True
                is_true[index] = True
    missed = torch.bincount(truth.labels[~found], minlength=num_classes)
    return is_true, missed
