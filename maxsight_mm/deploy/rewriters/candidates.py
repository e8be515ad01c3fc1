"""What the rewriters of mmdet's heads share: levels, scores and the answer's form."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from maxsight_mm.deploy.class_wise_nms import gather_rows


def check_suppression(head: Any, cfg: Mapping[str, Any], with_nms: bool = True) -> None:
    """Refuse what the graph would do in another way than mmdet.

    Args:
        head: Whose answer is exported.
        cfg: Its ``test_cfg``.
        with_nms: Whether it was asked to suppress.

    Raises:
        ValueError: If boxes are not to be suppressed within their classes by ``nms``.
    """
    nms = cfg.get('nms') or {}
    if with_nms and nms.get('type') == 'nms' and not nms.get('class_agnostic'):
        return
    raise ValueError(
        f'a {type(head).__name__} is exported with class-wise suppression by nms '
        f'alone, not with {dict(nms) if with_nms else "none"}'
    )


def flat_levels(levels: list[Tensor], channels: int) -> list[Tensor]:
    """(B, A*C, H_l, W_l) of each level -> (B, H_l*W_l*A, C)."""
    return [
        level.permute(0, 2, 3, 1).reshape(level.shape[0], -1, channels)
        for level in levels
    ]


def class_scores(head, logits: Tensor) -> Tensor:
    """(B, N, C) logits of a head -> scores in [0, 1] without the background."""
    if getattr(head.loss_cls, 'custom_cls_channels', False):
        return head.loss_cls.get_activation(logits)
    if head.use_sigmoid_cls:
        return logits.sigmoid()
    return logits.softmax(dim=-1)[..., :-1]


def most_candidates(nms_pre: int, scores: Tensor) -> int:
    """``nms_pre``, or all of the (B, N) scores; where N is known, never more."""
    size = scores.shape[1]
    if nms_pre <= 0 or (not isinstance(size, Tensor) and size < nms_pre):
        return int(size)
    return nms_pre


def with_padding(
    boxes: Tensor, scores: Tensor, labels: Tensor, kept: Tensor
) -> tuple[Tensor, Tensor]:
    """Answer of a detector.

    Args:
        boxes: (B, K, 4) float xyxy in pixels.
        scores: (B, M) float, 0 as padding.
        labels: (B, K) int64.
        kept: (B, M) int64 places among K.

    Returns:
        ``dets`` (B, M, 5) float x1, y1, x2, y2, score, padded with zeros, and
        ``labels`` (B, M) int64, padded with -1.
    """
    real = scores > 0
    dets = torch.cat([gather_rows(boxes, kept), scores[..., None]], dim=-1)
    labels = labels.gather(1, kept)
    return (
        torch.where(real[..., None], dets, torch.zeros_like(dets)),
        torch.where(real, labels, torch.full_like(labels, -1)),
    )
