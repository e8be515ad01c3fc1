"""The classification heads of a detector, how they learn and how they score.

MMDetection's RoI heads have a channel for the background and score with a softmax
unless the loss brings ``custom_cls_channels``; the loss alone decides what is trained.
Dense heads and RPN score as ``loss_cls.use_sigmoid`` is written in the config, and
train as the loss was built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmdet.models.losses import CrossEntropyLoss, FocalCustomLoss, FocalLoss
from mmdet.models.roi_heads.bbox_heads import BBoxHead
from torch import nn

from maxsight_mm.models.losses import SafetyFocalLoss

from .focal_score import ScoreRule

FOCAL = (FocalLoss, FocalCustomLoss, SafetyFocalLoss)


@dataclass(frozen=True)
class ScoreHead:
    """A head with a classification loss.

    Attributes:
        place: Its loss in the config.
        kind: ``rpn``, ``dense`` or ``roi``.
        loss: The built loss.
        train_sigmoid: What the loss takes its logits for.
        test_sigmoid: What the head makes of them.
        num_classes: Without the background.
    """

    place: str
    kind: str
    loss: nn.Module
    train_sigmoid: bool
    test_sigmoid: bool
    num_classes: int

    @property
    def is_focal(self) -> bool:
        return isinstance(self.loss, FOCAL)

    @property
    def rule(self) -> ScoreRule | None:
        """How posteriors become scores, class weights left aside; None for a loss
        whose optimum is unknown."""
        if not isinstance(self.loss, (*FOCAL, CrossEntropyLoss)):
            return None
        gamma = float(getattr(self.loss, 'gamma', 0.0))
        alpha = float(getattr(self.loss, 'alpha', 0.5)) if self.is_focal else 0.5
        return ScoreRule(
            self.train_sigmoid, self.test_sigmoid, gamma, alpha, self.num_classes
        )


def score_heads(detector: nn.Module) -> list[ScoreHead]:
    """RPN, dense and RoI heads of a detector; heads that score their own way are not
    among them."""
    found = []
    for kind, name in (('rpn', 'rpn_head'), ('dense', 'bbox_head')):
        head: Any = getattr(detector, name, None)
        loss = getattr(head, 'loss_cls', None)
        if loss is not None and hasattr(head, 'use_sigmoid_cls'):
            trained = bool(getattr(loss, 'use_sigmoid', False))
            place = f'model.detector.{name}.loss_cls'
            found.append(_head(place, kind, head, trained, head.use_sigmoid_cls))
    roi_head = getattr(detector, 'roi_head', None)
    stages: Any = getattr(roi_head, 'bbox_head', None)
    many = isinstance(stages, nn.ModuleList)
    for index, head in enumerate(stages if many else [stages]):
        if not _scores_like_mmdet(head):
            continue
        trained = bool(getattr(head.loss_cls, 'use_sigmoid', False))
        stage = f'[{index}]' if many else ''
        place = f'model.detector.roi_head.bbox_head{stage}.loss_cls'
        tested = trained if head.custom_cls_channels else False
        found.append(_head(place, 'roi', head, trained, tested))
    return found


def pseudo_label_head(heads: Sequence[ScoreHead]) -> ScoreHead | None:
    """The head whose scores pseudo-labels have: the last of those that know classes."""
    known = [head for head in heads if head.kind != 'rpn']
    return known[-1] if known else None


def _head(place: str, kind: str, head: Any, trained: bool, tested: bool) -> ScoreHead:
    return ScoreHead(place, kind, head.loss_cls, trained, tested, head.num_classes)


def _scores_like_mmdet(head: Any) -> bool:
    if not isinstance(head, BBoxHead):
        return False
    own = type(head)._predict_by_feat_single
    return own is BBoxHead._predict_by_feat_single
