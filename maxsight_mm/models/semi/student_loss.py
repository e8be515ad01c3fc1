"""How a two-stage or a dense detector learns from boxes, given its features.

MMDetection's detectors compute features and losses in one call. A semi-supervised step
takes the features of labelled and unlabelled pictures in one pass and needs the losses
of each part alone; these functions are the second half of ``detector.loss``.
"""

import copy

import torch
from mmdet.models.detectors import SingleStageDetector, TwoStageDetector
from mmdet.models.detectors.base import BaseDetector
from mmdet.models.roi_heads import StandardRoIHead
from mmdet.structures import SampleList
from mmengine.structures import InstanceData
from torch import Tensor

Features = tuple[Tensor, ...]


def is_two_stage(detector: BaseDetector) -> bool:
    """Whether it has an RPN and an RoI head; else it is dense.

    Raises:
        TypeError: If it is neither of MMDetection's two kinds, if its RoI head is not
            of one stage (a cascade), or its class loss returns several losses
            (``SeesawLoss`` with ``return_dict``): pseudo-labels need the one.
    """
    if isinstance(detector, TwoStageDetector) and detector.with_rpn:
        head = detector.roi_head
        if not isinstance(head, StandardRoIHead):
            raise TypeError(
                'semi-supervised training takes an RoI head of one stage '
                f'(StandardRoIHead), got {type(head).__name__}'
            )
        if getattr(head.bbox_head.loss_cls, 'return_dict', False):
            raise TypeError(
                'semi-supervised training needs one class loss; set return_dict=False '
                f'of {type(head.bbox_head.loss_cls).__name__}'
            )
        return True
    if isinstance(detector, SingleStageDetector):
        return False
    raise TypeError(
        'semi-supervised training takes a two-stage detector with an RPN or a '
        f'single-stage detector, got {type(detector).__name__}'
    )


def rpn_loss(
    detector: TwoStageDetector, feats: Features, samples: SampleList
) -> tuple[dict, list[InstanceData]]:
    """Losses of the RPN under ``rpn_*`` and its proposals, best first."""
    one_class = []
    for sample in samples:
        instances = copy.copy(sample.gt_instances)
        instances.labels = torch.zeros_like(instances.labels)
        one_class.append(sample.new())
        one_class[-1].gt_instances = instances
    proposal_cfg = detector.train_cfg.get('rpn_proposal', detector.test_cfg.rpn)
    losses, proposals = detector.rpn_head.loss_and_predict(
        feats, one_class, proposal_cfg=proposal_cfg
    )
    named = {
        name if 'rpn' in name else f'rpn_{name}': loss for name, loss in losses.items()
    }
    return named, proposals


def detector_loss(detector: BaseDetector, feats: Features, samples: SampleList) -> dict:
    """What ``detector.loss`` returns, from features in place of pictures."""
    if not is_two_stage(detector):
        return detector.bbox_head.loss(feats, samples)
    losses, proposals = rpn_loss(detector, feats, samples)
    return losses | detector.roi_head.loss(feats, proposals, samples)


@torch.no_grad()
def detector_boxes(
    detector: BaseDetector, feats: Features, samples: SampleList
) -> list[InstanceData]:
    """Boxes in pixels of the network's input, best first, after NMS."""
    if not is_two_stage(detector):
        return detector.bbox_head.predict(feats, samples, rescale=False)
    proposals = detector.rpn_head.predict(feats, samples, rescale=False)
    return detector.roi_head.predict(feats, proposals, samples, rescale=False)
