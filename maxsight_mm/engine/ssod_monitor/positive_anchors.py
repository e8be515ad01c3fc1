"""Which anchors a head's own assigner gives to labelled boxes, by shape and level."""

import math
from typing import Any

import torch
from mmdet.models.task_modules.assigners import MaxIoUAssigner
from mmdet.models.task_modules.prior_generators import (
    AnchorGenerator,
    anchor_inside_flags,
)
from mmdet.structures import DetDataSample
from mmdet.structures.bbox import cat_boxes, get_box_tensor
from mmengine.structures import InstanceData


def assigns_anchors(head: Any) -> bool:
    """Whether a head lays out anchors and assigns them by IoU."""
    generator = getattr(head, 'prior_generator', None)
    assigner = getattr(head, 'assigner', None)
    return isinstance(generator, AnchorGenerator) and isinstance(
        assigner, MaxIoUAssigner
    )


@torch.no_grad()
def positive_anchors(
    head: Any, sample: DetDataSample, pad_divisor: int = 1
) -> dict[str, list[int]]:
    """Counts the positive anchors of one labelled picture, before any sampling.

    Args:
        head: An RPN or another head for which ``assigns_anchors``.
        sample: With ``gt_instances`` and ``img_shape`` at the network's size.
        pad_divisor: ``pad_size_divisor`` of the model.

    Returns:
        Width / height of the anchors, to two decimals, to a count a level.
    """
    generator = head.prior_generator
    height, width = sample.img_shape[:2]
    padded = [math.ceil(side / pad_divisor) * pad_divisor for side in (height, width)]
    grids = [
        (math.ceil(padded[0] / stride_y), math.ceil(padded[1] / stride_x))
        for stride_x, stride_y in generator.strides
    ]
    levels = generator.grid_priors(grids, device='cpu')
    anchors = cat_boxes(levels)
    inside = anchor_inside_flags(
        anchors,
        torch.ones(len(anchors), dtype=torch.bool),
        (height, width),
        head.train_cfg['allowed_border'],
    )
    positive = torch.zeros(len(anchors), dtype=torch.bool)
    if inside.any():
        assigned = head.assigner.assign(
            InstanceData(priors=anchors[inside]),
            _plain_boxes(sample.gt_instances),
            _plain_boxes(sample.get('ignored_instances')),
        )
        positive[inside] = assigned.gt_inds > 0
    shapes = [_aspects_wh(base) for base in generator.base_anchors]
    counts = {
        name: [0] * len(levels)
        for name in sorted({name for each in shapes for name in each}, key=float)
    }
    by_level = positive.split([len(level) for level in levels])
    for index, (names, flags) in enumerate(zip(shapes, by_level, strict=True)):
        # (H * W * A,) -> (H * W, A)
        for name, count in zip(
            names, flags.view(-1, len(names)).sum(dim=0).tolist(), strict=True
        ):
            counts[name][index] += count
    return counts


def _aspects_wh(base_anchors: torch.Tensor) -> list[str]:
    size = base_anchors[:, 2:] - base_anchors[:, :2]
    return [f'{aspect:.2f}' for aspect in (size[:, 0] / size[:, 1]).tolist()]


def _plain_boxes(instances: InstanceData | None) -> InstanceData | None:
    if instances is None:
        return None
    return InstanceData(
        bboxes=get_box_tensor(instances.bboxes).cpu(), labels=instances.labels.cpu()
    )
