"""What a student learns from the boxes of its teacher.

A two-stage student follows Soft Teacher (arXiv 2106.09018): a region without an object
weighs what the teacher thinks of its being background, and a box teaches its place only
where the teacher finds it again from jittered starts. Class and place come from one
pass over the regions, where the paper's implementation in MMDetection takes two.
"""

import torch
from mmdet.models.detectors import TwoStageDetector
from mmdet.models.detectors.base import BaseDetector
from mmdet.models.task_modules.samplers import SamplingResult
from mmdet.structures import SampleList
from mmdet.structures.bbox import bbox2roi
from mmengine.structures import InstanceData
from torch import Tensor

from .student_loss import Features, is_two_stage, rpn_loss
from .teacher_views import TeacherViews, project_boxes


def pseudo_loss(
    student: BaseDetector,
    teacher: BaseDetector,
    feats: Features,
    samples: SampleList,
    views: TeacherViews,
    reg_pseudo_thr: float,
) -> dict:
    """Losses of strong views whose ``gt_instances`` a teacher gave.

    Args:
        student: Learns.
        teacher: Judges the student's background regions.
        feats: The student's features of the strong views.
        samples: N strong views. ``gt_instances``: ``bboxes``, ``labels``, ``weights``
            (n,) in [0, 1] and, for a two-stage student, ``reg_uncs`` (n,).
        views: The same N pictures as the teacher saw them.
        reg_pseudo_thr: Boxes whose ``reg_uncs`` is not below teach no place.
    """
    if is_two_stage(student):
        losses, proposals = rpn_loss(student, feats, samples)
        losses |= _roi_loss(
            student, teacher, feats, proposals, samples, views, reg_pseudo_thr
        )
        return losses
    losses = student.bbox_head.loss(feats, samples)
    # A dense head takes no weight for each box: the mean stands for all.
    weights = torch.cat([sample.gt_instances.weights for sample in samples])
    factor = weights.mean() if len(weights) else 0.0
    return {name: _scaled(loss, factor) for name, loss in losses.items()}


def _scaled(loss: Tensor | list[Tensor], factor: Tensor | float) -> Tensor | list:
    if isinstance(loss, list | tuple):
        return [each * factor for each in loss]
    return loss * factor


def _roi_loss(
    student: TwoStageDetector,
    teacher: TwoStageDetector,
    feats: Features,
    proposals: list[InstanceData],
    samples: SampleList,
    views: TeacherViews,
    reg_pseudo_thr: float,
) -> dict:
    head = student.roi_head
    sampled = [
        _sample(student, each, sample, feats, index)
        for index, (each, sample) in enumerate(zip(proposals, samples, strict=True))
    ]
    boxes = [each.priors for each in sampled]
    rois = bbox2roi(boxes)
    answers = head._bbox_forward(feats, rois)
    labels, label_weights, box_targets, box_weights = head.bbox_head.get_targets(
        sampled, student.train_cfg.rcnn, concat=False
    )
    background = _background_scores(teacher, boxes, samples, views)
    for each, sample, weights, place, score in zip(
        sampled, samples, label_weights, box_weights, background, strict=True
    ):
        # Positive regions come first.
        positives = len(each.pos_priors)
        truth = sample.gt_instances[each.pos_assigned_gt_inds]
        weights[:positives] = truth.weights.to(weights)
        weights[positives:] = score[positives:].to(weights)
        place[:positives][truth.reg_uncs >= reg_pseudo_thr] = 0
    weights = torch.cat(label_weights)
    losses = head.bbox_head.loss(
        answers['cls_score'],
        answers['bbox_pred'],
        rois,
        torch.cat(labels),
        weights,
        torch.cat(box_targets),
        torch.cat(box_weights),
    )
    # The head divides by the number of regions; their weight is what counts.
    count = (weights > 0).sum().clamp(min=1)
    losses['loss_cls'] = losses['loss_cls'] * count / weights.sum().clamp(min=1)
    return losses


def _sample(
    student: TwoStageDetector,
    proposals: InstanceData,
    sample,
    feats: Features,
    index: int,
) -> SamplingResult:
    """Regions of one view, matched to its pseudo-labels."""
    priors = InstanceData(priors=proposals.bboxes)
    truth = InstanceData(
        bboxes=sample.gt_instances.bboxes, labels=sample.gt_instances.labels
    )
    assigned = student.roi_head.bbox_assigner.assign(
        priors, truth, sample.ignored_instances
    )
    return student.roi_head.bbox_sampler.sample(
        assigned, priors, truth, feats=[level[index][None] for level in feats]
    )


@torch.no_grad()
def _background_scores(
    teacher: TwoStageDetector,
    boxes: list[Tensor],
    samples: SampleList,
    views: TeacherViews,
) -> list[Tensor]:
    """The teacher's background score of each region, looked up in the weak view."""
    projected = []
    for index, (each, sample) in enumerate(zip(boxes, samples, strict=True)):
        strong = torch.as_tensor(
            sample.homography_matrix, dtype=torch.float32, device=views.device
        )
        matrices = [views.homography(index), strong.inverse()]
        shape = views.samples[index].img_shape
        projected.append(InstanceData(bboxes=project_boxes(each, matrices, shape)))
    answers = teacher.roi_head.predict_bbox(
        views.feats, views.metainfos, projected, rcnn_test_cfg=None, rescale=False
    )
    return [each.scores[:, -1] for each in answers]
