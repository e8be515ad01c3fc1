"""Dense heads of mmdet (RetinaNet, FCOS and all with the same post-processing).

mmdeploy's own rewriter differs from mmdet in what it finds: it multiplies the
centreness before the threshold and keeps the best anchors in place of the best
pairs of anchor and class.
"""

from typing import Any

import torch
from mmdeploy.core import FUNCTION_REWRITER
from torch import Tensor

from maxsight_mm.deploy.class_wise_nms import class_wise_nms, gather_rows, padded_topk

from .candidates import (
    check_suppression,
    class_scores,
    flat_levels,
    most_candidates,
    with_padding,
)
from .registration import register_rewriter


@register_rewriter(
    'mmdet.models.dense_heads.base_dense_head.BaseDenseHead.predict_by_feat'
)
def dense_head__predict_by_feat(
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
    """Detections of a batch, as mmdet's method of the same name finds them.

    Args:
        cls_scores: (B, A*C, H_l, W_l) logits of each level.
        bbox_preds: (B, A*D, H_l, W_l) of each level.
        score_factors: (B, A, H_l, W_l) logits of each level.
        batch_img_metas: The ``img_shape`` of the first is that of the input.

    Returns:
        ``dets`` (B, M, 5) float and ``labels`` (B, M) int64, see
        :func:`~maxsight_mm.deploy.rewriters.candidates.with_padding`.

    Raises:
        ValueError: If the suppression is of another kind.
    """
    ctx = FUNCTION_REWRITER.get_context()
    cfg = self.test_cfg if cfg is None else cfg
    check_suppression(self, cfg, with_nms)
    sizes = [level.shape[-2:] for level in cls_scores]
    priors = self.prior_generator.grid_priors(
        sizes, dtype=cls_scores[0].dtype, device=cls_scores[0].device
    )
    logits = flat_levels(cls_scores, self.cls_out_channels)
    deltas = flat_levels(bbox_preds, self.bbox_coder.encode_size)
    factors = flat_levels(score_factors, 1) if score_factors is not None else None
    top_scores, top_deltas, top_priors, top_labels = [], [], [], []
    for level, (logit, delta, prior) in enumerate(
        zip(logits, deltas, priors, strict=True)
    ):
        # (B, A, C) -> (B, A*C): a candidate is an anchor with a class.
        scores = class_scores(self, logit)
        classes = scores.shape[-1]
        scores = scores.flatten(1)
        scores = torch.where(scores > cfg.score_thr, scores, torch.zeros_like(scores))
        nms_pre = most_candidates(cfg.get('nms_pre', -1), scores)
        scores, places = padded_topk(scores, nms_pre)
        anchors = torch.div(places, classes, rounding_mode='floor')
        if factors is not None:
            factor = factors[level].sigmoid()
            scores = scores * gather_rows(factor, anchors)[..., 0]
        top_scores.append(scores)
        top_labels.append(places - anchors * classes)
        top_deltas.append(gather_rows(delta, anchors))
        top_priors.append(prior[anchors])
    boxes = self.bbox_coder.decode(
        torch.cat(top_priors, dim=1),
        torch.cat(top_deltas, dim=1),
        max_shape=batch_img_metas[0]['img_shape'],
    )
    scores = torch.cat(top_scores, dim=1)
    labels = torch.cat(top_labels, dim=1)
    if cfg.get('min_bbox_size', -1) >= 0:
        sides = boxes[..., 2:] - boxes[..., :2]
        large = (sides > cfg.min_bbox_size).all(dim=-1)
        scores = torch.where(large, scores, torch.zeros_like(scores))
    post = ctx.cfg['codebase_config']['post_processing']
    limit = post.get('pre_top_k', -1)
    if limit > 0:
        scores, places = padded_topk(scores, limit)
        boxes, labels = gather_rows(boxes, places), labels.gather(1, places)
    scores, kept = class_wise_nms(
        boxes, scores, labels, cfg.nms.iou_threshold, cfg.max_per_img
    )
    return with_padding(boxes, scores, labels, kept)
