"""Focal loss with class weights for MMDetection heads, one activation throughout.

MMDetection's ``FocalLoss`` knows sigmoid scores only. Put into an RoI head, which
reads its scores with a softmax, it trains one activation and tests another. Here
the same switch that MMDetection's heads look at (``use_sigmoid``) picks the
activation of the loss, so both ends agree.
"""

import torch.nn.functional as F
from mmdet.models.losses.utils import weight_reduce_loss
from torch import Tensor

from maxsight_mm.registry import MODELS

from .class_weighted_loss import ClassWeight, ClassWeightedLoss
from .functional import sigmoid_focal_loss, softmax_focal_loss


@MODELS.register_module()
class SafetyFocalLoss(ClassWeightedLoss):
    """Drop-in ``loss_cls`` for dense heads, RPN and RoI heads.

    Args:
        use_sigmoid: True for heads that are to score with a sigmoid (dense heads,
            RPN). MMDetection's heads read this switch from the config and take a
            softmax where it is not written down, so that is the default here too.
        gamma: Focusing exponent, at least 0.
        alpha: With a sigmoid the weight of the positive side (``1 - alpha`` for
            the negative); with a softmax a factor on every example.
        class_weight: Weights of the examples by their true class: numbers or a
            policy, see :class:`ClassWeightedLoss`. In a detector's softmax the
            background is the last class; it weighs 1 where no number is given for it.
        reduction: ``none``, ``mean`` or ``sum``.
        loss_weight: Factor on the result.

    Raises:
        ValueError: If ``gamma`` is negative or a weight is not a number >= 0, and
            at the call, if the number of weights is not the number of classes.
    """

    def __init__(
        self,
        use_sigmoid: bool = False,
        gamma: float = 2.0,
        alpha: float = 0.25,
        class_weight: ClassWeight = None,
        reduction: str = 'mean',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__(class_weight, reduction, loss_weight)
        if gamma < 0:
            raise ValueError(f'SafetyFocalLoss: gamma must be >= 0, got {gamma}')
        self.use_sigmoid = use_sigmoid
        self.gamma = gamma
        self.alpha = alpha

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        avg_factor: float | Tensor | None = None,
        reduction_override: str | None = None,
    ) -> Tensor:
        """Loss of a batch of predictions.

        Args:
            pred: (M, K) float, unactivated.
            target: (M,) int64 labels in [0, K). With a sigmoid, K itself means
                background.
            weight: (M,) or (M, 1) float weight of each example.
            avg_factor: Divides the sum when the reduction is ``mean``.
            reduction_override: Takes the place of ``reduction``.

        Returns:
            Scalar, or with reduction ``none`` (M, K) for a sigmoid and (M,) for a
            softmax.
        """
        num_classes = pred.shape[1]
        class_weight = self.weight_of(
            num_classes, num_extra=0 if self.use_sigmoid else 1
        )
        if weight is not None:
            weight = weight.reshape(-1)
        if self.use_sigmoid:
            one_hot = F.one_hot(target, num_classes + 1)[:, :num_classes]
            loss = sigmoid_focal_loss(pred, one_hot.to(pred), self.alpha, self.gamma)
            if class_weight is not None:
                # Background examples keep weight 1.
                by_label = F.pad(class_weight.to(loss), (0, 1), value=1.0)
                loss = loss * by_label[target][:, None]
            weight = None if weight is None else weight[:, None]
        else:
            loss = softmax_focal_loss(
                pred, target, self.alpha, self.gamma, class_weight
            )
        reduction = reduction_override or self.reduction
        return self.loss_weight * weight_reduce_loss(
            loss, weight, reduction, avg_factor
        )
