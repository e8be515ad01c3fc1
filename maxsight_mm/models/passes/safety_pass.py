"""The safety pass (stage A): ResNet and FPN, always, and nothing else.

The architecture is fixed in code and takes no backbone config: its latency and
its answers can be reasoned about because nothing can be plugged into it. Only the
depth and widths scale, so that a demonstration trains on a CPU.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from mmdet.models import FPN, ResNet
from mmengine.model import BaseModule
from torch import Tensor

from maxsight_mm.models.backbones.inner_channels import set_inner_channels
from maxsight_mm.models.backbones.resnet_widths import resnet_widths
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle

from .level_tower import LevelTower

_PYRAMID_STRIDES = (8, 16, 32)
_FUSED_STRIDE = 16


@MODELS.register_module()
class SafetyPass(BaseModule):
    """ResNet C3-C5 -> FPN P3-P5 -> level set -> semantic and geometric towers.

    Two level sets are offered to the dense heads: ``pyramid`` (P3, P4, P5) and
    ``fused``, one map at stride 16 made of P3, P4 and P5 resized to P4 and
    concatenated (14 x 14 x 768 for a 224 x 224 image).

    Args:
        depth: Depth of the ResNet.
        base_channels: Channels of its stem; 64 is the published width.
        channels: Channels of the FPN and of the towers.
        level_set: ``pyramid`` or ``fused``.
        tower_depth: Convolutions in each of the two towers.
        pretrained: Path or URL of ImageNet weights of the ResNet. With them its
            batch norms stay as they are, statistics, scale and shift.
        frozen_stages: With pretrained weights, the stages that stay as they are
            (1 is the stem and the first stage), -1 for none. Random weights are
            never frozen.
        inner_channels: Output channels of convolutions inside the ResNet's blocks by
            name, such as ``{'layer1.0.conv1': 48}``, where a pruned model has fewer.

    Raises:
        ValueError: If ``level_set`` is unknown, ``base_channels`` below 16, or
            ``inner_channels`` does not fit the ResNet or comes with ``pretrained``,
            whose weights are of the full width.
    """

    def __init__(
        self,
        depth: Literal[18, 34, 50] = 50,
        base_channels: int = 64,
        channels: int = 256,
        level_set: Literal['pyramid', 'fused'] = 'pyramid',
        tower_depth: int = 2,
        pretrained: str | None = None,
        frozen_stages: int = 1,
        inner_channels: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__()
        if level_set not in ('pyramid', 'fused'):
            raise ValueError(
                f"SafetyPass: level_set must be 'pyramid' or 'fused', got {level_set!r}"
            )
        self.level_set = level_set
        self.channels = channels
        self.strides: tuple[int, ...] = (
            _PYRAMID_STRIDES if level_set == 'pyramid' else (_FUSED_STRIDE,)
        )
        self.backbone = ResNet(
            depth,
            base_channels=base_channels,
            stem_channels=base_channels,
            out_indices=(1, 2, 3),
            frozen_stages=-1 if pretrained is None else frozen_stages,
            norm_cfg=dict(type='BN', requires_grad=pretrained is None),
            norm_eval=pretrained is not None,
            style='pytorch',
            init_cfg=None
            if pretrained is None
            else dict(type='Pretrained', checkpoint=pretrained),
        )
        if inner_channels and pretrained is not None:
            raise ValueError(
                'SafetyPass: inner_channels and pretrained do not go together'
            )
        set_inner_channels(self.backbone, inner_channels or {})
        self.neck = FPN(resnet_widths(depth, base_channels)[1:], channels, num_outs=3)
        self.semantic_tower, self.geometric_tower = (
            LevelTower(self.pyramid_channels, channels, len(self.strides), tower_depth)
            for _ in range(2)
        )
        self.to(memory_format=torch.channels_last)

    @property
    def feature_channels(self) -> dict[str, int]:
        """Channels of the features that heads read."""
        width = self.channels
        return dict(semantic=width, geometric=width, pooled=width * 2)

    @property
    def pyramid_channels(self) -> int:
        """Channels of each level of ``pyramid``."""
        return self.channels if self.level_set == 'pyramid' else self.channels * 3

    def extract_pyramid(self, images: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) normalised images -> (B, C, H_l, W_l) of the level set."""
        # A tenth faster on a CPU, and what tensor cores want.
        images = images.contiguous(memory_format=torch.channels_last)
        pyramid = self.neck(self.backbone(images))
        return tuple(pyramid) if self.level_set == 'pyramid' else (_fuse(*pyramid),)

    def forward(
        self, images: Tensor, image_shapes: Sequence[tuple[int, int]] | None = None
    ) -> FeatureBundle:
        """Features of a batch of normalised images.

        Args:
            images: (B, 3, H, W) float.
            image_shapes: Height and width of each image without the padding of
                the batch; by default nothing is padding.

        Returns:
            Bundle with ``pyramid``, ``semantic``, ``geometric``, ``pooled``,
            ``points`` and ``strides`` (see :class:`FeatureBundle`).
        """
        levels = self.extract_pyramid(images)
        semantic = self.semantic_tower(levels)
        points, strides = _locations(levels, self.strides)
        return FeatureBundle(
            pyramid=levels,
            semantic=semantic,
            geometric=self.geometric_tower(levels),
            pooled=_pool(semantic, _inside(points, image_shapes)),
            points=points,
            strides=strides,
        )


def _fuse(p3: Tensor, p4: Tensor, p5: Tensor) -> Tensor:
    """(B, C, *) of three levels -> (B, 3C, H_4, W_4)."""
    size = p4.shape[-2:]
    resized = [
        F.interpolate(level, size=size, mode='bilinear', align_corners=False)
        for level in (p3, p5)
    ]
    return torch.cat([resized[0], p4, resized[1]], dim=1)


def _inside(
    points: Tensor, image_shapes: Sequence[tuple[int, int]] | None
) -> Tensor | None:
    """(B, N) bool, whether a location lies in its image and not in the padding."""
    if image_shapes is None:
        return None
    height_width = points.new_tensor(image_shapes)
    return (points < height_width.flip(1)[:, None]).all(dim=-1)


def _pool(levels: tuple[Tensor, ...], inside: Tensor | None) -> Tensor:
    """(B, C, H_l, W_l) of each level -> (B, 2C), mean then maximum."""
    # (B, C, H, W) of each level -> (B, C, N)
    flat = torch.cat([level.flatten(2) for level in levels], dim=2)
    if inside is None:
        return torch.cat([flat.mean(dim=2), flat.amax(dim=2)], dim=1)
    inside = inside[:, None]
    mean = (flat * inside).sum(dim=2) / inside.sum(dim=2).clamp(min=1)
    # The towers end in a ReLU, so that nothing inside is below 0.
    return torch.cat([mean, (flat * inside).amax(dim=2)], dim=1)


def _locations(
    levels: tuple[Tensor, ...], strides: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """Centre of each cell (N, 2) in pixels as x, y, and its stride (N,)."""
    points, spacing = [], []
    for level, stride in zip(levels, strides, strict=True):
        height, width = level.shape[-2:]
        # From whole numbers, an ONNX export would go to float64.
        x, y = (
            (torch.arange(side, dtype=torch.float32, device=level.device) + 0.5)
            * stride
            for side in (width, height)
        )
        grid_y, grid_x = torch.meshgrid(y, x, indexing='ij')
        points.append(torch.stack([grid_x, grid_y], dim=-1).reshape(-1, 2))
        spacing.append(points[-1].new_full((height * width,), stride))
    return torch.cat(points), torch.cat(spacing)
