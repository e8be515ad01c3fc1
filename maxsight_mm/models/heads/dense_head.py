"""Base of the heads that answer at every location of every level."""

from typing import ClassVar

import torch
from mmengine.model import bias_init_with_prob, normal_init
from torch import Tensor, nn

from maxsight_mm.structures import FeatureBundle

from .base_head import BaseHead


class DenseHead(BaseHead):
    """One 3x3 convolution shared by the levels of one tower, output ``logits``.

    Args:
        in_channels: Channels of the tower.
        num_outputs: Numbers answered a location.
        prior_prob: If given, the bias starts where a sigmoid gives this value
            (RetinaNet, arXiv 1708.02002, section 4.1).
        loss_weight: Factor on the loss.
    """

    inputs: ClassVar[tuple[str, ...]] = ('semantic',)

    def __init__(
        self,
        in_channels: int,
        num_outputs: int,
        prior_prob: float | None = None,
        loss_weight: float = 1.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(loss_weight, init_cfg)
        self.num_outputs = num_outputs
        self.prior_prob = prior_prob
        self.predictor = nn.Conv2d(in_channels, num_outputs, 3, padding=1)

    def init_weights(self) -> None:
        super().init_weights()
        bias = 0.0 if self.prior_prob is None else bias_init_with_prob(self.prior_prob)
        normal_init(self.predictor, std=0.01, bias=bias)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', 'N', self.num_outputs)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        levels = [self.predictor(level) for level in features[self.inputs[0]]]
        # (B, K, H, W) of each level -> (B, N, K)
        flat = [level.flatten(2).transpose(1, 2) for level in levels]
        return {'logits': torch.cat(flat, dim=1)}
