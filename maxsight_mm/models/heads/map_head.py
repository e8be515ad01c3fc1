"""Base of the context heads that answer at every pixel, at a quarter of the size."""

from typing import ClassVar

from mmcv.cnn import ConvModule
from torch import Tensor, nn

from maxsight_mm.structures import FeatureBundle

from .base_head import BaseHead


class MapHead(BaseHead):
    """Two 3x3 convolutions over ``context_fine`` and a 1x1 one, output ``logits``.

    Args:
        in_channels: Channels of the map.
        num_outputs: Numbers answered a location.
        hidden_channels: Width of the convolutions.
        loss_weight: Factor on the loss.
    """

    inputs: ClassVar[tuple[str, ...]] = ('context_fine',)

    def __init__(
        self,
        in_channels: int,
        num_outputs: int,
        hidden_channels: int = 128,
        loss_weight: float = 1.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(loss_weight, init_cfg)
        self.num_outputs = num_outputs
        norm_cfg = dict(type='GN', num_groups=min(8, hidden_channels))
        self.convs = nn.Sequential(
            ConvModule(in_channels, hidden_channels, 3, padding=1, norm_cfg=norm_cfg),
            ConvModule(
                hidden_channels, hidden_channels, 3, padding=1, norm_cfg=norm_cfg
            ),
        )
        self.predictor = nn.Conv2d(hidden_channels, num_outputs, 1)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', self.num_outputs, 'h', 'w')}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        return {'logits': self.predictor(self.convs(features[self.inputs[0]]))}
