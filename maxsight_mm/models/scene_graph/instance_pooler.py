"""What the context pass sees of each object: RoIAlign, its box and its class.

RoIAlign (Mask R-CNN, arXiv 1703.06870) on the level that suits the box's size
(FPN, arXiv 1612.03144, eq. 1), in plain torch: points are read off with
``grid_sample``, which is fast on a CPU and exports. Departure: the channels are
reduced by a 1x1 convolution *before* the points are read. Both are linear, so this
changes nothing and costs a quarter.
"""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .box_geometry import normalised_cxcywh

# A box of this side belongs on level 4, stride 16.
_CANONICAL_SIDE_PX = 224
_CANONICAL_LEVEL = 4
_FIRST_LEVEL = 3


@MODELS.register_module()
class InstancePooler(BaseModule):
    """Features of objects.

    Args:
        channels: Channels of the pyramid and of the answer.
        size: Bins a side.
        sampling_ratio: Points a side that a bin is averaged from.
        num_classes: Number of classes whose labels are embedded; 0 for none.
    """

    def __init__(
        self,
        channels: int,
        size: int = 7,
        sampling_ratio: int = 2,
        num_classes: int = 0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.size = size
        self.sampling_ratio = sampling_ratio
        narrow = max(channels // 4, 4)
        self.reduce = nn.Conv2d(channels, narrow, 1)
        self.appearance = nn.Linear(narrow * size * size, channels)
        self.geometry = nn.Sequential(
            nn.Linear(4, channels), nn.ReLU(inplace=True), nn.Linear(channels, channels)
        )
        self.classes = nn.Embedding(num_classes, channels) if num_classes else None
        self.norm = nn.LayerNorm(channels)

    def forward(
        self,
        pyramid: tuple[Tensor, ...],
        boxes: Tensor,
        mask: Tensor,
        image_size: tuple[int, int],
        labels: Tensor | None = None,
    ) -> Tensor:
        """Pool.

        Args:
            pyramid: (B, channels, H_l, W_l) float each, strides 8, 16, 32 and on.
            boxes: (B, M, 4) float xyxy, pixels of the network's input.
            mask: (B, M) bool, False where padded.
            image_size: Height and width of the network's input in pixels.
            labels: (B, M) int64 classes; below 0 unknown.

        Returns:
            (B, M, channels) float, zeros where padded.
        """
        pooled = roi_align(
            tuple(self.reduce(level) for level in pyramid),
            boxes,
            image_size,
            self.size,
            self.sampling_ratio,
        )
        found = self.appearance(pooled.flatten(2))
        found = found + self.geometry(normalised_cxcywh(boxes, image_size).to(found))
        if self.classes is not None and labels is not None:
            known = (labels >= 0).unsqueeze(-1)
            found = found + self.classes(labels.clamp(min=0)) * known
        return self.norm(found).masked_fill(~mask.unsqueeze(-1), 0.0)


def level_of_box(boxes: Tensor, num_levels: int) -> Tensor:
    """(...) int64 index of the level a box is read from (arXiv 1612.03144, eq. 1).

    Args:
        boxes: (..., 4) float xyxy in pixels.
        num_levels: Levels there are, the first of stride 8.
    """
    sides = (boxes[..., 2:] - boxes[..., :2]).float().clamp(min=1e-3)
    area = sides.prod(dim=-1)
    level = _CANONICAL_LEVEL + (area.sqrt() / _CANONICAL_SIDE_PX).log2()
    return (level.floor() - _FIRST_LEVEL).clamp(0, num_levels - 1).long()


def roi_align(
    pyramid: tuple[Tensor, ...],
    boxes: Tensor,
    image_size: tuple[int, int],
    size: int,
    sampling_ratio: int,
) -> Tensor:
    """RoIAlign of each box on its level.

    Every level is read for every box and the right one chosen: with few levels that
    is quicker than sorting boxes, and the graph does not depend on the boxes.

    Args:
        pyramid: (B, C, H_l, W_l) float each; they cover the whole image.
        boxes: (B, M, 4) float xyxy in pixels.
        image_size: Height and width of the image in pixels.
        size: Bins a side.
        sampling_ratio: Points a side that a bin is averaged from.

    Returns:
        (B, M, C, size, size) float.
    """
    batch, count = boxes.shape[:2]
    channels = pyramid[0].shape[1]
    if count == 0:
        return pyramid[0].new_zeros(batch, 0, channels, size, size)
    side = size * sampling_ratio
    step = (torch.arange(side, device=boxes.device) + 0.5) / side
    boxes = boxes.float()
    low, extent = boxes[..., :2], boxes[..., 2:] - boxes[..., :2]
    height, width = image_size
    # (B, M, side) pixels -> [-1, 1] across the image
    x = (low[..., :1] + extent[..., :1] * step) * (2 / width) - 1
    y = (low[..., 1:] + extent[..., 1:] * step) * (2 / height) - 1
    shape = (batch, count, side, side)
    grid = torch.stack(
        [x[:, :, None, :].expand(shape), y[:, :, :, None].expand(shape)], dim=-1
    )
    # (B, M, side, side, 2) -> (B, M * side, side, 2)
    grid = grid.flatten(1, 2)
    chosen = level_of_box(boxes, len(pyramid))
    pooled = []
    for index, level in enumerate(pyramid):
        points = F.grid_sample(
            level, grid.to(level), padding_mode='border', align_corners=False
        )
        # (B, C, M * side, side) -> (B, C, M * size, size)
        bins = F.avg_pool2d(points, sampling_ratio)
        own = (chosen == index).to(bins).repeat_interleave(size, dim=1)
        pooled.append(bins * own[:, None, :, None])
    # (B, C, M * size, size) -> (B, M, C, size, size)
    return torch.stack(pooled).sum(dim=0).unflatten(2, (count, size)).transpose(1, 2)
