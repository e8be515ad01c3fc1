"""Second stage of mmdet (Faster R-CNN and its kin).

mmdeploy's own rewriter keeps one box a proposal for all classes; mmdet has a box
and a score for each class, and each is a candidate. Proposals that pad the first
stage's answer are left out.
"""

import torch
import torch.nn.functional as F
from mmdeploy.core import FUNCTION_REWRITER
from torch import Tensor

from maxsight_mm.deploy.class_wise_nms import class_wise_nms, gather_rows, padded_topk

from .candidates import check_suppression, with_padding
from .registration import register_rewriter


@register_rewriter(
    'mmdet.models.roi_heads.bbox_heads.bbox_head.BBoxHead.predict_by_feat'
)
def bbox_head__predict_by_feat(
    self,
    rois: Tensor,
    cls_scores: Tensor,
    bbox_preds: Tensor,
    batch_img_metas: list[dict],
    rcnn_test_cfg=None,
    rescale: bool = False,
) -> tuple[Tensor, Tensor]:
    """Detections of a batch.

    Args:
        rois: (B, R, 5) float image, x1, y1, x2, y2; zeros are padding.
        cls_scores: (B, R, C + 1) logits.
        bbox_preds: (B, R, C * 4), or (B, R, 4) for a class-agnostic head.
        batch_img_metas: The ``img_shape`` of the first is that of the input.
        rcnn_test_cfg: ``score_thr``, ``nms`` and ``max_per_img``.

    Returns:
        ``dets`` (B, M, 5) float and ``labels`` (B, M) int64, see
        :func:`~maxsight_mm.deploy.rewriters.candidates.with_padding`.

    Raises:
        ValueError: If the suppression is of another kind.
    """
    ctx = FUNCTION_REWRITER.get_context()
    check_suppression(self, rcnn_test_cfg)
    if self.custom_cls_channels:
        scores = self.loss_cls.get_activation(cls_scores)
    else:
        scores = F.softmax(cls_scores, dim=-1)
    classes = self.num_classes
    scores = scores[..., :classes]
    proposal = rois[..., 1:].abs().sum(dim=-1, keepdim=True) > 0
    wanted = (scores > rcnn_test_cfg.score_thr) & proposal
    # (B, R, C) -> (B, R*C)
    scores = torch.where(wanted, scores, torch.zeros_like(scores)).flatten(1)
    shape = batch_img_metas[0]['img_shape']
    boxes = self.bbox_coder.decode(rois[..., 1:], bbox_preds, max_shape=shape)
    # (B, R, C*4) or (B, R, 4) -> (B, R*C, 4)
    boxes = boxes.reshape(boxes.shape[0], boxes.shape[1], -1, 4)
    boxes = boxes.expand(-1, -1, classes, -1).flatten(1, 2)
    labels = torch.arange(classes, device=scores.device).expand(rois.shape[1], -1)
    labels = labels.reshape(1, -1).expand(rois.shape[0], -1)
    limit = ctx.cfg['codebase_config']['post_processing'].get('pre_top_k', -1)
    if limit > 0:
        scores, places = padded_topk(scores, limit)
        boxes, labels = gather_rows(boxes, places), labels.gather(1, places)
    scores, kept = class_wise_nms(
        boxes,
        scores,
        labels,
        rcnn_test_cfg.nms.iou_threshold,
        rcnn_test_cfg.max_per_img,
    )
    return with_padding(boxes, scores, labels, kept)
