"""Base of the heads that answer one number in [0, 1] an object."""

from torch import Tensor

from maxsight_mm.models.heads import InstanceHead

from .share_loss import share_loss


class InstanceShareHead(InstanceHead):
    """One share an object; the head names ``task`` and its one target.

    Args:
        in_channels: Channels of the object features.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    criticality = 'navigation'

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.4
    ) -> None:
        super().__init__(in_channels, 1, hidden_channels, loss_weight)

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Mean over (K, 1) logits of labelled objects against (K,) in [0, 1]."""
        loss = share_loss(outputs['logits'].squeeze(-1), targets[self.targets[0]])
        return {f'loss_{self.task}': loss}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores``: (B, M) float in [0, 1]."""
        return {'scores': outputs['logits'].squeeze(-1).sigmoid()}
