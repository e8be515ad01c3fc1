"""Dropout, one linear layer and a loss: a task of an image classifier."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.models.losses import activated
from maxsight_mm.registry import MODELS


@MODELS.register_module()
class ClassHead(BaseModule):
    """Logits of one task from the pooled feature.

    Args:
        in_channels: C of the feature; set by the classifier.
        num_classes: K, at least 2.
        loss: Config of a loss of (M, K) logits and (M,) labels.
        loss_weight: Factor on the loss, at least 0.
        dropout: Share of the feature that is dropped in training.

    Raises:
        ValueError: If there are fewer than 2 classes, a weight is negative, or the loss
            has class weights for another number of classes.
    """

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        loss: dict | None = None,
        loss_weight: float = 1.0,
        dropout: float = 0.3,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        if init_cfg is None:
            init_cfg = dict(type='Normal', layer='Linear', std=0.01)
        super().__init__(init_cfg=init_cfg)
        if num_classes < 2:
            raise ValueError(f'num_classes must be 2 or more, got {num_classes}')
        if loss_weight < 0:
            raise ValueError(f'loss_weight must be >= 0, got {loss_weight}')
        self.num_classes = num_classes
        self.loss_weight = loss_weight
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(in_channels, num_classes)
        self.loss_function = MODELS.build(loss or dict(type='SafetyCrossEntropyLoss'))
        weight = getattr(self.loss_function, 'class_weight', None)
        if weight is not None and len(weight) != num_classes:
            raise ValueError(f'{len(weight)} class weights for {num_classes} classes')

    @property
    def activation(self) -> str:
        """``softmax`` or ``sigmoid``: the one the loss trains."""
        return 'sigmoid' if self.loss_function.use_sigmoid else 'softmax'

    def forward(self, feature: Tensor) -> Tensor:
        """(B, C) float to (B, K) logits."""
        return self.fc(self.dropout(feature))

    def loss(self, logits: Tensor, labels: Tensor, share: Tensor) -> Tensor:
        """Weighted scalar loss.

        Args:
            logits: (M, K) float.
            labels: (M,) int64.
            share: (M,) float, how much of the image is of that label; 1 but for mixed
                images. Divided by their sum.
        """
        loss = self.loss_function(
            logits, labels, weight=share, avg_factor=share.sum().clamp(min=1e-6)
        )
        return self.loss_weight * loss

    def scores(self, logits: Tensor) -> Tensor:
        """(B, K) in [0, 1]."""
        return activated(logits, self.loss_function)
