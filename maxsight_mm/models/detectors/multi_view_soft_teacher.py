"""Soft Teacher over linked views of one part, with per-class pseudo-labels.

Soft Teacher (arXiv 2106.09018) as MMDetection has it: the teacher is the student's
moving average, labels weak views, and the student learns them on strong ones. Here the
views of one part lie in the same batch and may agree on their boxes before they become
pseudo-labels; which become so is a governor's decision, class by class; labelled and
unlabelled pictures go through the student in one pass.
"""

import torch
import torch.nn.functional as F
from mmdet.models.detectors import SoftTeacher
from mmdet.models.utils import rename_loss_dict, reweight_loss_dict
from mmdet.structures import SampleList
from mmengine.structures import InstanceData
from torch import Tensor

from maxsight_mm.registry import MODELS, TASK_UTILS

from ..losses.functional import connected_zero
from ..semi.labelled_matches import match_labelled
from ..semi.pseudo_loss import pseudo_loss
from ..semi.student_loss import detector_boxes, detector_loss, is_two_stage
from ..semi.teacher_views import TeacherViews, project_boxes


@MODELS.register_module()
class MultiViewSoftTeacher(SoftTeacher):
    """Soft Teacher for parts that are seen in several views.

    Beside MMDetection's entries (``freeze_teacher``, ``sup_weight``, ``unsup_weight``,
    ``jitter_times``, ``jitter_scale``, ``reg_pseudo_thr``, ``min_pseudo_bbox_wh``,
    ``pseudo_label_initial_score_thr``), ``semi_train_cfg`` may hold:

    * ``labelled_every``: Iterations between two looks of the teacher at the labelled
      pictures, from which governor and cross-view transformer learn (4).
    * ``ignore_ratio``: A box that is no pseudo-label, but whose score reaches this
      share of its class's threshold, is neither object nor background for heads whose
      assigner has an ``ignore_iof_thr`` (off).

    Args:
        detector: A two-stage detector with an RPN, or a single-stage one.
        governor: Decides which boxes become pseudo-labels, a config of TASK_UTILS.
        cross_view: Corrects the scores of a part's views, or None.
        semi_train_cfg: See above.
        semi_test_cfg: As in MMDetection.
        data_preprocessor: A ``MultiBranchDataPreprocessor``.
        init_cfg: Of the whole.

    While ``burning_in`` is True the student learns from labels alone
    (``BurnInMeanTeacherHook`` sets it).

    Raises:
        ValueError: If ``semi_train_cfg`` has an entry that is not listed above, such
            as ``cls_pseudo_thr``: thresholds are the governor's.
    """

    def __init__(
        self,
        detector: dict,
        governor: dict,
        cross_view: dict | None = None,
        semi_train_cfg: dict | None = None,
        semi_test_cfg: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        unknown = sorted(set(semi_train_cfg or {}) - _SETTINGS)
        if unknown:
            raise ValueError(
                f'{type(self).__name__}: semi_train_cfg has no {", ".join(unknown)}; '
                "which boxes become pseudo-labels is the governor's decision"
            )
        super().__init__(
            detector, semi_train_cfg, semi_test_cfg, data_preprocessor, init_cfg
        )
        self.two_stage = is_two_stage(self.student)
        self.governor = TASK_UTILS.build(governor)
        self.cross_view = MODELS.build(cross_view) if cross_view else None
        self.burning_in = False
        num_classes = self.governor.num_classes
        self.register_buffer('iteration', torch.zeros((), dtype=torch.long))
        self.register_buffer('labelled_boxes', torch.zeros(num_classes))
        self.register_buffer('labelled_views', torch.zeros(()))

    def train(self, mode: bool = True) -> 'MultiViewSoftTeacher':
        """The teacher never trains: its batch statistics are averages."""
        super().train(mode)
        self.teacher.eval()
        return self

    def loss(
        self,
        multi_batch_inputs: dict[str, Tensor],
        multi_batch_data_samples: dict[str, SampleList],
    ) -> dict:
        """Losses of labelled pictures (``sup_*``) and pseudo-labels (``unsup_*``).

        Args:
            multi_batch_inputs: ``sup`` (B, 3, H, W), ``unsup_teacher`` and
                ``unsup_student`` (N, 3, H, W) float.
            multi_batch_data_samples: The same keys; the unlabelled ones in the same
                order, the views of a part with one ``part_id``.

        Raises:
            ValueError: If a branch is missing.
        """
        inputs, samples = multi_batch_inputs, multi_batch_data_samples
        wanted = ['sup'] if self.burning_in else ['sup', *_UNLABELLED]
        missing = [name for name in wanted if not samples.get(name)]
        if missing:
            raise ValueError(
                f'{type(self).__name__}: the batch has no {" and no ".join(missing)}: '
                "check the sampler's source_ratio and the unlabelled data set"
            )
        self._count_labels(samples['sup'])
        if self.burning_in:
            feats = self.student.extract_feat(inputs['sup'])
            losses = self._labelled_loss(feats, samples['sup'])
        else:
            views = self._look(inputs['unsup_teacher'], samples['unsup_teacher'])
            self.governor.observe(
                torch.cat([boxes.scores for boxes in views.boxes]),
                torch.cat([boxes.labels for boxes in views.boxes]),
                num_views=len(views.boxes),
            )
            strong = self._hand_over(views, samples['unsup_student'])
            labelled, unlabelled = self._student_features(
                inputs['sup'], inputs['unsup_student']
            )
            losses = self._labelled_loss(labelled, samples['sup'])
            losses |= self._unlabelled_loss(unlabelled, strong, views)
        losses |= self._learn_from_labelled(inputs['sup'], samples['sup'])
        self.iteration += 1
        if not self.burning_in and self.iteration % self.governor.interval_iters == 0:
            expected = self.labelled_boxes / self.labelled_views.clamp(min=1)
            self.governor.update(expected)
        return losses

    def _count_labels(self, samples: SampleList) -> None:
        for sample in samples:
            labels = sample.gt_instances.labels
            self.labelled_boxes += torch.bincount(
                labels, minlength=len(self.labelled_boxes)
            )
        self.labelled_views += len(samples)

    def _labelled_loss(self, feats: tuple[Tensor, ...], samples: SampleList) -> dict:
        losses = detector_loss(self.student, feats, samples)
        weight = self.semi_train_cfg.get('sup_weight', 1.0)
        return rename_loss_dict('sup_', reweight_loss_dict(losses, weight))

    @torch.no_grad()
    def _look(self, inputs: Tensor, samples: SampleList) -> TeacherViews:
        """The teacher's boxes, the views of each part considered."""
        feats = self.teacher.extract_feat(inputs)
        boxes = detector_boxes(self.teacher, feats, samples)
        views = TeacherViews(feats, samples, boxes)
        if self.cross_view is not None:
            for index, logits in enumerate(self.cross_view(views)):
                boxes[index].scores = logits.sigmoid()
                boxes[index] = boxes[index][logits.argsort(descending=True)]
        return views

    @torch.no_grad()
    def _hand_over(self, views: TeacherViews, samples: SampleList) -> SampleList:
        """Pseudo-labels of the weak views, moved to the strong ones."""
        least = self.semi_train_cfg.get('pseudo_label_initial_score_thr', 0.0)
        ratio = self.semi_train_cfg.get('ignore_ratio')
        uncertain = []
        for index, boxes in enumerate(views.boxes):
            keep = self.governor.keep(boxes.scores, boxes.labels, least)
            rest = torch.zeros_like(keep)
            if ratio is not None:
                thresholds = self.governor.thresholds.to(boxes.scores)[boxes.labels]
                rest = ~keep & (boxes.scores >= ratio * thresholds)
            uncertain.append(boxes[rest])
            kept = boxes[keep]
            kept.weights = self.governor.weight(kept.scores, kept.labels)
            views.samples[index].gt_instances = kept
        if self.two_stage:
            self._judge_places(views)
        for index, sample in enumerate(samples):
            matrix = torch.as_tensor(
                sample.homography_matrix, dtype=torch.float32, device=views.device
            )
            way = [matrix, views.homography(index).inverse()]
            sample.gt_instances = self._moved(
                views.samples[index].gt_instances, way, sample.img_shape
            )
            sample.ignored_instances = self._moved(
                uncertain[index], way, sample.img_shape
            )
        return samples

    def _judge_places(self, views: TeacherViews) -> None:
        """Sets ``reg_uncs`` (n,): how far boxes from jittered starts stray."""
        for sample in views.samples:
            boxes = sample.gt_instances
            boxes.reg_uncs = boxes.scores.new_zeros(len(boxes))
        some = [i for i, each in enumerate(views.samples) if len(each.gt_instances)]
        if not some:
            return
        feats = tuple(level[some] for level in views.feats)
        samples = [views.samples[index] for index in some]
        spreads = self.compute_uncertainty_with_aug(feats, samples)
        for sample, values in zip(samples, spreads, strict=True):
            sample.gt_instances.reg_uncs = values

    def _moved(
        self, boxes: InstanceData, way: list[Tensor], img_shape: tuple[int, int]
    ) -> InstanceData:
        """Boxes under homographies, clipped; those without an extent are dropped."""
        moved = boxes.new()
        moved.bboxes = project_boxes(boxes.bboxes, way, img_shape)
        least = self.semi_train_cfg.get('min_pseudo_bbox_wh', (1e-2, 1e-2))
        size = moved.bboxes[:, 2:] - moved.bboxes[:, :2]
        return moved[(size > size.new_tensor(least)).all(dim=1)]

    def _student_features(
        self, labelled: Tensor, unlabelled: Tensor
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """One pass over both; smaller pictures are padded at the right and below."""
        height = max(labelled.shape[2], unlabelled.shape[2])
        width = max(labelled.shape[3], unlabelled.shape[3])
        batch = torch.cat(
            [
                F.pad(each, (0, width - each.shape[3], 0, height - each.shape[2]))
                for each in (labelled, unlabelled)
            ]
        )
        levels = self.student.extract_feat(batch)
        split = len(labelled)
        return tuple(x[:split] for x in levels), tuple(x[split:] for x in levels)

    def _unlabelled_loss(
        self, feats: tuple[Tensor, ...], samples: SampleList, views: TeacherViews
    ) -> dict:
        """Zero, yet connected, where not one box became a pseudo-label."""
        losses = pseudo_loss(
            self.student,
            self.teacher,
            feats,
            samples,
            views,
            self.semi_train_cfg.get('reg_pseudo_thr', 0.02),
        )
        kept = sum(len(sample.gt_instances) for sample in samples)
        weight = self.semi_train_cfg.get('unsup_weight', 1.0) if kept else 0.0
        return rename_loss_dict('unsup_', reweight_loss_dict(losses, weight))

    def _learn_from_labelled(self, inputs: Tensor, samples: SampleList) -> dict:
        """Shows governor and transformer the teacher's boxes on labelled pictures."""
        cross_view = self.cross_view
        if self.iteration % self.semi_train_cfg.get('labelled_every', 4):
            if cross_view is None:
                return {}
            return {'loss_cross_view': connected_zero(cross_view.parameters())}
        with torch.no_grad():
            feats = self.teacher.extract_feat(inputs)
            boxes = detector_boxes(self.teacher, feats, samples)
        views = TeacherViews(feats, samples, boxes)
        logits: list[Tensor] | None = cross_view(views) if cross_view else None
        num_classes = self.governor.num_classes
        truths = []
        for index, sample in enumerate(samples):
            if logits is not None:
                order = logits[index].argsort(descending=True)
                logits[index] = logits[index][order]
                boxes[index] = boxes[index][order]
                boxes[index].scores = logits[index].detach().sigmoid()
            is_true, missed = match_labelled(
                boxes[index], sample.gt_instances, num_classes
            )
            truths.append(is_true)
            # What a teacher misses before it has learnt says nothing of later.
            if not self.burning_in:
                self.governor.observe_labelled(
                    boxes[index].scores, boxes[index].labels, is_true, missed
                )
        if cross_view is None or logits is None:
            return {}
        predicted, target = torch.cat(logits), torch.cat(truths)
        loss = connected_zero(cross_view.parameters())
        if len(predicted):
            loss = loss + F.binary_cross_entropy_with_logits(
                predicted, target.to(predicted)
            )
        return {'loss_cross_view': loss}


_UNLABELLED = ('unsup_teacher', 'unsup_student')
_SETTINGS = {
    'freeze_teacher',
    'ignore_ratio',
    'jitter_scale',
    'jitter_times',
    'labelled_every',
    'min_pseudo_bbox_wh',
    'pseudo_label_initial_score_thr',
    'reg_pseudo_thr',
    'sup_weight',
    'unsup_weight',
}
