"""The hybrid backbone of the context pass: ResNet + FPN beside a ViT, linked.

It reads the images and not the safety pass's features, so the two passes fail
independently. Our design after the project's specification: the pyramid is added
to the ViT's tokens before chosen blocks, the ViT's final tokens to every level, the
levels pass dynamic convolutions, and both pooled features are fused.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from mmdet.models import FPN, ResNet
from mmengine.model import BaseModule, ModuleDict, ModuleList, Sequential
from torch import Tensor, nn

from maxsight_mm.models.fusion.cross_layer_link import CnnToVitLink, VitToCnnLink
from maxsight_mm.registry import MODELS

from .dynamic_conv import DynamicConvBlock
from .resnet_widths import resnet_widths

NUM_LEVELS = 4


class HybridFeatures(NamedTuple):
    """Features of :class:`HybridCnnVit`.

    Attributes:
        pyramid: P2-P5, (B, C, H/4, W/4) to (B, C, H/32, W/32) float.
        tokens: (B, L, D) float, L patches of 16 pixels in row order.
        pooled: (B, D) float.
    """

    pyramid: tuple[Tensor, ...]
    tokens: Tensor
    pooled: Tensor


@MODELS.register_module()
class HybridCnnVit(BaseModule):
    """ResNet-FPN and ViT with links both ways.

    Parameters at the defaults, in millions: ResNet-50 23.5, FPN 3.3, ViT-B/16 85.8,
    links 3.3, dynamic convolutions 37.9, projections and fusion 1.3; 155.2 in all.

    Args:
        channels: Channels of the pyramid.
        pooled_channels: Channels of the tokens and the pooled feature.
        depth: Depth of the ResNet.
        base_channels: Channels of its stem; 64 is the published width.
        pretrained: Path or URL of ImageNet weights of the ResNet.
        vit: Arguments of :class:`VisionTransformer`; patches of 16 pixels.
        link_blocks: Blocks of the ViT before which the pyramid is added.
        link_scale: Scale of every link at the start.
        dynamic_blocks: Dynamic convolutions of each level.
        dynamic_kernels: Kernels of each; they cost memory and hardly any time.
        fusion: Config of :class:`WeightedFusion` (default) or
            :class:`CrossAttentionFusion`.

    Raises:
        ValueError: If a link block is not a block of the ViT or ``base_channels`` is
            below 16.
    """

    def __init__(
        self,
        channels: int = 256,
        pooled_channels: int = 512,
        depth: Literal[18, 34, 50] = 50,
        base_channels: int = 64,
        pretrained: str | None = None,
        vit: dict | None = None,
        link_blocks: Sequence[int] = (0, 3, 6, 9),
        link_scale: float = 0.1,
        dynamic_blocks: int = 2,
        dynamic_kernels: int = 8,
        fusion: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.cnn = ResNet(
            depth,
            base_channels=base_channels,
            stem_channels=base_channels,
            out_indices=(0, 1, 2, 3),
            style='pytorch',
            init_cfg=None
            if pretrained is None
            else dict(type='Pretrained', checkpoint=pretrained),
        )
        widths = resnet_widths(depth, base_channels)
        self.neck = FPN(widths, channels, num_outs=NUM_LEVELS)
        self.vit = MODELS.build(dict(type='VisionTransformer', **(vit or {})))
        foreign = [b for b in link_blocks if not 0 <= b < len(self.vit.blocks)]
        if foreign:
            raise ValueError(
                f'link_blocks {foreign} are not among the {len(self.vit.blocks)} blocks'
            )
        dims = self.vit.embed_dims
        self.to_vit = ModuleDict(
            {
                str(block): CnnToVitLink(channels, NUM_LEVELS, dims, link_scale)
                for block in link_blocks
            }
        )
        self.to_cnn = VitToCnnLink(dims, channels, link_scale)
        self.dynamic = ModuleList(
            Sequential(
                *(
                    DynamicConvBlock(channels, num_kernels=dynamic_kernels)
                    for _ in range(dynamic_blocks)
                )
            )
            for _ in range(NUM_LEVELS)
        )
        self.token_proj = nn.Linear(dims, pooled_channels)
        self.fusion = MODELS.build(
            dict(
                fusion or dict(type='WeightedFusion'),
                cnn_channels=channels * NUM_LEVELS,
                vit_channels=dims,
                out_channels=pooled_channels,
            )
        )

    def forward(self, images: Tensor) -> HybridFeatures:
        """Features of (B, 3, H, W) normalised images of any size."""
        pyramid = self.neck(self.cnn(images))
        grid = self.vit.grid(*images.shape[-2:])
        additions = {
            int(block): link(pyramid, grid) for block, link in self.to_vit.items()
        }
        tokens = self.vit(images, additions)
        pyramid = self.to_cnn(pyramid, tokens[:, 1:], grid)
        pyramid = tuple(
            blocks(level) for blocks, level in zip(self.dynamic, pyramid, strict=True)
        )
        # (B, C, H_l, W_l) of four levels -> (B, 4C)
        pooled = torch.cat([level.mean(dim=(2, 3)) for level in pyramid], dim=1)
        return HybridFeatures(
            pyramid, self.token_proj(tokens[:, 1:]), self.fusion(pooled, tokens)
        )
