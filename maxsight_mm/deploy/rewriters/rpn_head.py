"""Region proposals of mmdet (Faster R-CNN and its kin).

mmdeploy's own rewriter suppresses across levels and cuts by score; mmdet does
neither. Candidates are ranked by exp(logit): the sigmoid of ONNX Runtime gives the
same number for all logits below about -18, and equal scores have no order.
"""

from typing import Any

import torch
from torch import Tensor

from maxsight_mm.deploy.class_wise_nms import class_wise_nms, gather_rows, padded_topk

from .candidates import (
    check_suppression,
    flat_levels,
    most_candidates,
    with_padding,
)
from .registration import register_rewriter

# exp(80) is finite in float32, and no two logits beyond it matter.
_MAX_LOGIT = 80.0


@register_rewriter('mmdet.models.dense_heads.rpn_head.RPNHead.predict_by_feat')
def rpn_head__predict_by_feat(
    self,
    cls_scores: list[Tensor],
    bbox_preds: list[Tensor],
    score_factors: list[Tensor] | None = None,
    batch_img_metas: Any = None,
    cfg=None,
    rescale: bool = False,
    with_nms: bool = True,
    **kwargs,
) -> tuple[Tensor, Tensor]:
    """Proposals of a batch.

    Args:
        cls_scores: (B, A, H_l, W_l) logits of each level.
        bbox_preds: (B, A*4, H_l, W_l) of each level.
        batch_img_metas: The ``img_shape`` of the first is that of the input.

    Returns:
        ``dets`` (B, M, 5) float, whose last column only ranks, and ``labels``
        (B, M) int64, the level.

    Raises:
        ValueError: If the head has a softmax over object and background, or the
            suppression is of another kind.
    """
    if not self.use_sigmoid_cls:
        raise ValueError('cannot export an RPNHead with softmax: use_sigmoid=True')
    cfg = self.test_cfg if cfg is None else cfg
    check_suppression(self, cfg, with_nms)
    sizes = [level.shape[-2:] for level in cls_scores]
    anchors = self.prior_generator.grid_priors(
        sizes, dtype=cls_scores[0].dtype, device=cls_scores[0].device
    )
    logits = flat_levels(cls_scores, 1)
    deltas = flat_levels(bbox_preds, self.bbox_coder.encode_size)
    top_ranks, top_deltas, top_anchors, top_levels = [], [], [], []
    for level, (logit, delta, anchor) in enumerate(
        zip(logits, deltas, anchors, strict=True)
    ):
        rank = logit[..., 0].clamp(-_MAX_LOGIT, _MAX_LOGIT).exp()
        rank, places = padded_topk(rank, most_candidates(cfg.get('nms_pre', -1), rank))
        top_ranks.append(rank)
        top_levels.append(torch.full_like(places, level))
        top_deltas.append(gather_rows(delta, places))
        top_anchors.append(anchor[places])
    boxes = self.bbox_coder.decode(
        torch.cat(top_anchors, dim=1),
        torch.cat(top_deltas, dim=1),
        max_shape=batch_img_metas[0]['img_shape'],
    )
    ranks = torch.cat(top_ranks, dim=1)
    if cfg.get('min_bbox_size', -1) >= 0:
        sides = boxes[..., 2:] - boxes[..., :2]
        large = (sides > cfg.min_bbox_size).all(dim=-1)
        ranks = torch.where(large, ranks, torch.zeros_like(ranks))
    levels = torch.cat(top_levels, dim=1)
    ranks, kept = class_wise_nms(
        boxes, ranks, levels, cfg.nms.iou_threshold, cfg.max_per_img
    )
    return with_padding(boxes, ranks, levels, kept)
