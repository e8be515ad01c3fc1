"""Losses of image tasks: cross entropy, binary cross entropy, costs of mistakes.

The focal loss is :class:`SafetyFocalLoss`. All take (M, K) unactivated logits and (M,)
int64 labels, as MMDetection's losses do, and name their activation.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmdet.models.losses.utils import weight_reduce_loss
from torch import Tensor

from maxsight_mm.registry import MODELS

from .class_weighted_loss import ClassWeight, ClassWeightedLoss
from .functional import cost_matrix, cost_matrix_cross_entropy


class _TaskLoss(ClassWeightedLoss):
    """Elementwise loss of the labels, weighted by class, then reduced."""

    use_sigmoid = False

    def elements(self, pred: Tensor, target: Tensor) -> Tensor:
        """(M,) unweighted loss of each example."""
        raise NotImplementedError

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        avg_factor: float | Tensor | None = None,
        reduction_override: str | None = None,
    ) -> Tensor:
        """Loss of a batch.

        Args:
            pred: (M, K) float, unactivated.
            target: (M,) int64 labels in [0, K).
            weight: (M,) float weight of each example.
            avg_factor: Divides the sum when the reduction is ``mean``.
            reduction_override: Takes the place of ``reduction``.

        Returns:
            Scalar, or (M,) with reduction ``none``.
        """
        loss = self.elements(pred, target)
        by_class = self.weight_of(pred.shape[1])
        if by_class is not None:
            loss = loss * by_class.to(loss)[target]
        reduction = reduction_override or self.reduction
        return self.loss_weight * weight_reduce_loss(
            loss, weight, reduction, avg_factor
        )


@MODELS.register_module()
class SafetyCrossEntropyLoss(_TaskLoss):
    """Softmax cross entropy.

    Args:
        label_smoothing: Share of the target spread over all classes, in [0, 1).
        class_weight, reduction, loss_weight: See :class:`ClassWeightedLoss`.
    """

    def __init__(
        self,
        class_weight: ClassWeight = None,
        reduction: str = 'mean',
        loss_weight: float = 1.0,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(class_weight, reduction, loss_weight)
        if not 0 <= label_smoothing < 1:
            raise ValueError(f'label_smoothing must be in [0, 1): {label_smoothing}')
        self.label_smoothing = label_smoothing

    def elements(self, pred: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(
            pred, target, reduction='none', label_smoothing=self.label_smoothing
        )


@MODELS.register_module()
class SafetyBCELoss(_TaskLoss):
    """K independent sigmoids, one against the rest, summed over the classes."""

    use_sigmoid = True

    def elements(self, pred: Tensor, target: Tensor) -> Tensor:
        one_hot = F.one_hot(target, pred.shape[1]).to(pred)
        loss = F.binary_cross_entropy_with_logits(pred, one_hot, reduction='none')
        return loss.sum(dim=1)


@MODELS.register_module()
class CostMatrixLoss(_TaskLoss):
    """Cross entropy plus the expected cost of the wrong answers.

    Args:
        costs: (K, K) numbers >= 0, row: the truth, column: the answer, diagonal 0.
            Scaled to a mean of 1 off the diagonal: the currency does not matter.
        cost_weight: Factor on the expected cost.
        class_weight, reduction, loss_weight: See :class:`ClassWeightedLoss`.

    Raises:
        ValueError: If a cost is nan, infinite or negative, all are 0, or the matrix is
            not square; at the call, if it is not for the number of classes.
    """

    costs: Tensor

    def __init__(
        self,
        costs: Sequence[Sequence[float]],
        cost_weight: float = 1.0,
        class_weight: ClassWeight = None,
        reduction: str = 'mean',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(class_weight, reduction, loss_weight)
        matrix = cost_matrix(costs)
        if not matrix.any():
            raise ValueError('CostMatrixLoss: costs are all 0')
        matrix = matrix * (matrix.size - len(matrix)) / matrix.sum()
        scaled = torch.tensor(cost_weight * matrix, dtype=torch.float32)
        self.register_buffer('costs', scaled, persistent=False)

    def elements(self, pred: Tensor, target: Tensor) -> Tensor:
        if len(self.costs) != pred.shape[1]:
            raise ValueError(
                f'CostMatrixLoss: costs are for {len(self.costs)} classes, not '
                f'{pred.shape[1]}'
            )
        return cost_matrix_cross_entropy(pred, target, self.costs)


def activated(logits: Tensor, loss: Any) -> Tensor:
    """Scores in [0, 1] with the activation the loss trains; same shape."""
    return logits.sigmoid() if loss.use_sigmoid else logits.softmax(dim=-1)
