"""What is it, given that there is an object: one softmax over the classes."""

from torch import Tensor

from maxsight_mm.models.heads import DenseHead
from maxsight_mm.models.losses.functional import (
    class_weight_tensor,
    softmax_focal_loss,
)
from maxsight_mm.registry import MODELS


@MODELS.register_module()
class ClassificationHead(DenseHead):
    """Class logits a location, focal loss over the object locations.

    Args:
        in_channels: Channels of the semantic tower.
        num_classes: Number of classes.
        class_weight: One weight a class.
        gamma: Focusing exponent.
        loss_weight: Factor on the loss.
    """

    task = 'classification'
    criticality = 'safety'
    inputs = ('semantic',)
    targets = ('labels',)

    def __init__(
        self,
        in_channels: int,
        num_classes: int = 91,
        class_weight: list[float] | None = None,
        gamma: float = 2.0,
        loss_weight: float = 1.2,
    ) -> None:
        super().__init__(in_channels, num_classes, loss_weight=loss_weight)
        self.gamma = gamma
        weight = class_weight_tensor(class_weight, num_classes, type(self).__name__)
        self.register_buffer('class_weight', weight, persistent=False)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (M, K) logits against (M,) int64 labels."""
        loss = softmax_focal_loss(
            outputs['logits'].float(),
            targets['labels'],
            gamma=self.gamma,
            class_weight=self.class_weight,
        )
        return {'loss_classification': loss.mean()}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, N, K) float in [0, 1], adding up to 1."""
        return {'scores': outputs['logits'].softmax(dim=-1)}
