"""Three questions of a detector, three losses: is there something, what, and where?

Objectness by binary cross entropy, classes by cross entropy with class weights, boxes
by smooth L1. On normalised boxes smooth L1 with beta 1 is quadratic, and its gradient
vanishes before the box fits: beta is 1/9 by default, and an IoU loss the better choice.
"""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from maxsight_mm.registry import MODELS

from .functional import connected_zero


@MODELS.register_module()
class MultiPartDetectionLoss(BaseModule):
    """Losses of N candidate boxes that were matched to objects.

    Args:
        loss_cls: Config of the class loss, of (M, K) logits and (M,) labels.
        objectness_weight: Factor on the objectness loss.
        box_weight: Factor on the box loss.
        beta: Where smooth L1 turns from quadratic to linear, in the unit of the boxes.

    Raises:
        ValueError: If a weight is negative or beta is not above 0.
    """

    def __init__(
        self,
        loss_cls: dict | None = None,
        objectness_weight: float = 1.0,
        box_weight: float = 1.0,
        beta: float = 1 / 9,
    ) -> None:
        super().__init__()
        if min(objectness_weight, box_weight) < 0 or beta <= 0:
            raise ValueError(
                'MultiPartDetectionLoss: weights must be >= 0 and beta above 0, got '
                f'{objectness_weight}, {box_weight}, {beta}'
            )
        self.loss_cls = MODELS.build(loss_cls or dict(type='SafetyCrossEntropyLoss'))
        self.objectness_weight = objectness_weight
        self.box_weight = box_weight
        self.beta = beta

    def forward(
        self,
        objectness: Tensor,
        class_logits: Tensor,
        boxes: Tensor,
        labels: Tensor,
        target_boxes: Tensor,
    ) -> dict[str, Tensor]:
        """Losses by name.

        Args:
            objectness: (N,) float, unactivated.
            class_logits: (N, K) float, unactivated.
            boxes: (N, 4) float.
            labels: (N,) int64 in [0, K), -1 for no object.
            target_boxes: (N, 4) float; rows without an object are not read.

        Returns:
            ``loss_objectness``, mean over N; ``loss_class`` and ``loss_box``, means
            over the objects, and 0 where there is none.
        """
        found = labels >= 0
        is_object = F.binary_cross_entropy_with_logits(objectness, found.to(objectness))
        losses = dict(loss_objectness=self.objectness_weight * is_object)
        if not found.any():
            zero = connected_zero([class_logits, boxes])
            return dict(losses, loss_class=zero, loss_box=zero)
        box = F.smooth_l1_loss(
            boxes[found], target_boxes[found], reduction='none', beta=self.beta
        )
        losses['loss_class'] = self.loss_cls(class_logits[found], labels[found])
        losses['loss_box'] = self.box_weight * box.sum(dim=1).mean()
        return losses
