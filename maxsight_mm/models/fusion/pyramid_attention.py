"""Attention over the safety pyramid: residual blocks with CBAM or SE at each level.

The context pass of the smallest context tier: it learns features of its own on top
of the safety pass's, which it only reads. Blocks as in arXiv 1807.06521 (figure 3)
and arXiv 1709.01507: the attention gates the residual branch.
"""

from collections.abc import Sequence
from typing import Literal

from mmcv.cnn import ConvModule
from mmdet.models.layers import SELayer
from mmengine.model import BaseModule, ModuleList, Sequential, constant_init
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .cbam import CBAM

NUM_LEVELS = 3


class AttentionBlock(BaseModule):
    """``relu(x + attention(conv(conv(x))))``, the identity of x >= 0 at the start.

    Args:
        channels: Channels of the map.
        attention: ``cbam`` or ``se``.
        norm_cfg: Normalisation of both convolutions.

    Raises:
        ValueError: If ``attention`` is unknown.
    """

    def __init__(self, channels: int, attention: str, norm_cfg: dict) -> None:
        super().__init__()
        if attention not in ('cbam', 'se'):
            raise ValueError(f"attention must be 'cbam' or 'se', got {attention!r}")
        self.conv1 = ConvModule(channels, channels, 3, padding=1, norm_cfg=norm_cfg)
        self.conv2 = ConvModule(
            channels, channels, 3, padding=1, norm_cfg=norm_cfg, act_cfg=None
        )
        self.attention = (
            CBAM(channels)
            if attention == 'cbam'
            else SELayer(channels, ratio=min(16, channels))
        )
        self.activation = nn.ReLU(inplace=True)

    def init_weights(self) -> None:
        super().init_weights()
        # Residual branches start at zero (arXiv 1706.02677, section 5.1).
        constant_init(self.conv2.norm, 0)

    def forward(self, feature: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape, at least 0."""
        residual = self.attention(self.conv2(self.conv1(feature)))
        return self.activation(feature + residual)


@MODELS.register_module()
class PyramidAttention(BaseModule):
    """A 1x1 convolution and ``num_blocks`` attention blocks for each level.

    With 256 channels a block has 1.18 M parameters: four blocks on three levels
    make 14.4 M.

    Args:
        in_channels: Channels of the levels that come in.
        channels: Channels of the levels that go out.
        num_blocks: Blocks of each level.
        attention: ``cbam`` or ``se``.
        norm_cfg: Normalisation, batch norm by default.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int = 256,
        num_blocks: int = 4,
        attention: Literal['cbam', 'se'] = 'cbam',
        norm_cfg: dict | None = None,
    ) -> None:
        super().__init__()
        norm_cfg = norm_cfg or dict(type='BN')
        self.levels = ModuleList(
            Sequential(
                ConvModule(in_channels, channels, 1, norm_cfg=norm_cfg),
                *(
                    AttentionBlock(channels, attention, norm_cfg)
                    for _ in range(num_blocks)
                ),
            )
            for _ in range(NUM_LEVELS)
        )

    def forward(self, pyramid: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """(B, C_in, H_l, W_l) of P3-P5 -> (B, C, H_l, W_l), at least 0.

        Raises:
            ValueError: If there are not three levels.
        """
        if len(pyramid) != NUM_LEVELS:
            raise ValueError(
                f'PyramidAttention reads three levels (P3, P4, P5), got '
                f"{len(pyramid)}: use level_set='pyramid' in the safety pass"
            )
        return tuple(
            blocks(level) for blocks, level in zip(self.levels, pyramid, strict=True)
        )
