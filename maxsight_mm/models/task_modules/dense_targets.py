"""From the objects of an image to the targets of every location.

Which location answers for which object is decided once, by one of MMDetection's
assigners; every dense safety head then learns from the same decision.
"""

from collections.abc import Collection

import torch
from mmdet.models.task_modules.assigners import (
    ATSSAssigner,
    BaseAssigner,
    TaskAlignedAssigner,
)
from mmdet.structures.bbox import bbox_overlaps
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from maxsight_mm.registry import TASK_UTILS
from maxsight_mm.structures import FeatureBundle, Target, TaskSample

from .image_error import image_error_target


@TASK_UTILS.register_module()
class DenseTargets:
    """Targets of the safety heads for a batch.

    Args:
        assigner: Config of ``ATSSAssigner`` (arXiv 1912.02424) or
            ``TaskAlignedAssigner`` (arXiv 2108.07755).
        prior_scale: Side of the square prior of a location, in strides.
        min_score: Score from which a detection counts as given; what stays below
            is a miss in the image error that the uncertainty head learns.

    Raises:
        TypeError: If the assigner is of another kind.
    """

    def __init__(
        self, assigner: dict, prior_scale: float = 4.0, min_score: float = 0.3
    ) -> None:
        self.assigner: BaseAssigner = TASK_UTILS.build(assigner)
        if not isinstance(self.assigner, ATSSAssigner | TaskAlignedAssigner):
            raise TypeError(
                'DenseTargets: assigner must be an ATSSAssigner or a '
                f'TaskAlignedAssigner, got {type(self.assigner).__name__}'
            )
        self.prior_scale = prior_scale
        self.min_score = min_score

    @torch.no_grad()
    def __call__(
        self,
        answers: dict[str, dict[str, Tensor]],
        features: FeatureBundle,
        samples: list[TaskSample],
        wanted: Collection[str] = ('zones', 'urgencies', 'urgency'),
    ) -> dict[str, Target]:
        """Targets by name.

        Args:
            answers: What the heads predict, by task; ``box``, ``objectness`` and
                ``classification`` are read, and ``distance`` and ``urgency`` where
                they are.
            features: Bundle of the safety pass.
            samples: One sample an image, boxes in pixels of the network's input.
            wanted: Names of further labels: fields of ``gt_instances`` become
                (B, N) targets, numbers in ``gt_tasks`` (B,) targets. An integer
                below 0 and a float that is not finite mean unlabelled.

        Returns:
            (B, N) targets ``objectness`` (overlap of the predicted box, 0 for
            background), ``labels``, ``boxes``, ``box_strides``, the (B,) target
            ``image_error``, and those of ``wanted`` that some sample labels.
        """
        assigned = torch.stack(
            [
                self._assign(answers, features, sample, i)
                for i, sample in enumerate(samples)
            ]
        )
        boxes = answers['box']['boxes']
        objects = [sample.gt_instances for sample in samples]
        positive = assigned > 0
        true_boxes = _gather([o.bboxes for o in objects], assigned).to(boxes)
        overlap = torch.zeros_like(boxes[..., 0])
        overlap[positive] = bbox_overlaps(
            boxes[positive], true_boxes[positive], is_aligned=True
        )
        # A positive stays one even if its box misses the object entirely.
        overlap[positive] = overlap[positive].clamp(min=1e-3, max=1.0)
        strides = features['strides'].expand(assigned.shape)
        targets = {
            'objectness': Target(overlap, assigned >= 0),
            'labels': Target(_gather([o.labels for o in objects], assigned), positive),
            'boxes': Target(true_boxes, positive),
            'box_strides': Target(strides, positive),
        }
        for name in wanted:
            if name in targets:
                continue
            if any(name in o for o in objects):
                values = _gather(_column(objects, name), assigned)
                targets[name] = Target(values, positive & _is_labelled(values))
            elif any(name in s.get('gt_tasks', ()) for s in samples):
                tasks = [s.get('gt_tasks', BaseDataElement()) for s in samples]
                values = torch.cat([v.reshape(1) for v in _column(tasks, name)])
                targets[name] = Target(values, _is_labelled(values))
        targets['image_error'] = image_error_target(
            answers, targets, assigned, [len(o) for o in objects], self.min_score
        )
        return targets

    def _assign(self, answers, features, sample: TaskSample, index: int) -> Tensor:
        """(N,) int64: -1 ignored, 0 background, k the k-th object."""
        points, strides = features['points'], features['strides']
        half = strides[:, None] * (self.prior_scale / 2)
        priors = InstanceData(priors=torch.cat([points - half, points + half], dim=1))
        ignored = sample.get('ignored_instances')
        if isinstance(self.assigner, ATSSAssigner):
            per_level = [
                level.shape[-2] * level.shape[-1] for level in features['geometric']
            ]
            result = self.assigner.assign(
                priors, per_level, sample.gt_instances, ignored
            )
        else:
            objectness = answers['objectness']['scores'][index]
            priors.bboxes = answers['box']['boxes'][index]
            priors.scores = (
                objectness[:, None] * answers['classification']['scores'][index]
            )
            result = self.assigner.assign(priors, sample.gt_instances, ignored)
        return _ignore_regions(result.gt_inds, points, ignored)


def _ignore_regions(
    assigned: Tensor, points: Tensor, ignored: InstanceData | None
) -> Tensor:
    """Background locations inside an ignored box are neither object nor background.

    By location, not by prior as ``ignore_iof_thr`` has it: a prior never lies inside
    an ignored box that is smaller than itself.
    """
    if ignored is None or len(ignored) == 0:
        return assigned
    boxes = ignored.bboxes
    inside = (points[:, None] > boxes[:, :2]) & (points[:, None] < boxes[:, 2:])
    inside = inside.all(dim=-1).any(dim=-1)
    return torch.where(inside & (assigned == 0), -1, assigned)


def _gather(values: list[Tensor], assigned: Tensor) -> Tensor:
    """Value of the assigned object at each location, 0 where there is none.

    Args:
        values: (G_i, ...) of each image.
        assigned: (B, N) int64, 0 or less for none, k for object k.

    Returns:
        (B, N, ...).
    """
    rows = []
    for value, index in zip(values, assigned, strict=True):
        padded = torch.cat([value.new_zeros((1, *value.shape[1:])), value])
        rows.append(padded[index.clamp(min=0)])
    return torch.stack(rows)


def _column(elements: list[BaseDataElement], name: str) -> list[Tensor]:
    """One field of each element, in one type; -1 or nan where it is lacking."""
    values = [element.get(name) for element in elements]
    for value in values:
        if not (value is None or isinstance(value, Tensor)):
            raise ValueError(f'label {name!r} must be a number, got {value!r}')
    # A bool has no room for "unlabelled", and 0 and 0.5 may stand in one batch.
    is_float = any(v is not None and v.is_floating_point() for v in values)
    dtype, unknown = (torch.float32, float('nan')) if is_float else (torch.long, -1)
    device = next(v.device for v in values if v is not None)
    column = []
    for element, value in zip(elements, values, strict=True):
        if value is None:
            count = len(element) if isinstance(element, InstanceData) else 1
            value = torch.full((count,), unknown, device=device)
        column.append(value.to(dtype))
    return column


def _is_labelled(values: Tensor) -> Tensor:
    """Bool of the same shape."""
    return values.isfinite() if values.is_floating_point() else values >= 0
