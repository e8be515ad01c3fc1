"""Base of the context heads that answer once an object."""

from typing import ClassVar

from torch import Tensor, nn

from maxsight_mm.structures import FeatureBundle

from .base_head import BaseHead


class InstanceHead(BaseHead):
    """MLP on ``instance_features``, output ``logits``.

    Objects are padded to the most of the batch, M. In training they are the
    labelled ones, in evaluation the safety pass's detections.

    Args:
        in_channels: Channels of the object features.
        num_outputs: Numbers answered an object.
        hidden_channels: Width of the hidden layer.
        loss_weight: Factor on the loss.
    """

    inputs: ClassVar[tuple[str, ...]] = ('instance_features',)

    def __init__(
        self,
        in_channels: int,
        num_outputs: int,
        hidden_channels: int = 256,
        loss_weight: float = 1.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(loss_weight, init_cfg)
        self.num_outputs = num_outputs
        self.mlp = nn.Sequential(
            nn.Linear(in_channels, hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, num_outputs),
        )

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', 'M', self.num_outputs)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        return {'logits': self.mlp(features[self.inputs[0]])}
