"""Convolution whose kernel is mixed anew for each image.

``K`` kernels are averaged with attention weights that a small network reads from
the image (dynamic convolution, arXiv 1912.03458): the capacity of K convolutions
for the arithmetic of one. A departure: the temperature is constant where the paper
anneals it from 30 to 1; instead the attention's last layer starts at zero, so that
all kernels get the same gradient at first (test_attention_starts_uniform).
"""

import math

import torch
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule, constant_init
from torch import Tensor, nn

from maxsight_mm.registry import MODELS


@MODELS.register_module()
class DynamicConv(BaseModule):
    """Dynamic convolution without a bias.

    Args:
        in_channels: Channels that come in.
        out_channels: Channels that go out.
        kernel_size: Odd side of the kernels; the size of the map is kept.
        num_kernels: Kernels to mix; the paper gains up to 4.
        temperature: Divides the attention logits, more than 0.
        reduction: Reduction of the attention's hidden layer.

    Raises:
        ValueError: If ``kernel_size`` is even or ``temperature`` is not positive.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        num_kernels: int = 4,
        temperature: float = 4.0,
        reduction: int = 4,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0 or temperature <= 0:
            raise ValueError(
                'DynamicConv: kernel_size must be odd and temperature above 0, got '
                f'{kernel_size} and {temperature}'
            )
        self.kernel_shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.temperature = temperature
        # Flat, so that mixing is one matrix product.
        self.kernels = nn.Parameter(
            torch.empty(num_kernels, math.prod(self.kernel_shape))
        )
        hidden = max(in_channels // reduction, 4)
        self.attention = nn.Sequential(
            nn.Linear(in_channels, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, num_kernels),
        )
        self._reset()

    def init_weights(self) -> None:
        super().init_weights()
        self._reset()

    def _reset(self) -> None:
        for kernel in self.kernels.data:
            nn.init.kaiming_normal_(
                kernel.view(self.kernel_shape), mode='fan_out', nonlinearity='relu'
            )
        last = self.attention[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def kernel_weights(self, feature: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, K) attention in [0, 1], rows sum to 1."""
        logits = self.attention(feature.mean(dim=(2, 3)))
        return (logits / self.temperature).softmax(dim=1)

    def forward(self, feature: Tensor) -> Tensor:
        """(B, C_in, H, W) -> (B, C_out, H, W)."""
        batch, channels, height, width = feature.shape
        mixed = self.kernel_weights(feature) @ self.kernels
        # (B, C_out * C_in * k * k) -> (B * C_out, C_in, k, k)
        kernels = mixed.view(-1, *self.kernel_shape[1:])
        # The images of the batch are the groups of one convolution.
        # (B, C_in, H, W) -> (1, B * C_in, H, W)
        grouped = feature.reshape(1, batch * channels, height, width)
        out = F.conv2d(
            grouped, kernels, padding=self.kernel_shape[-1] // 2, groups=batch
        )
        return out.view(batch, -1, height, width)


class DynamicConvBlock(BaseModule):
    """``relu(x + norm(dynamic convolution(x)))``, branch at zero at the start.

    Args:
        channels: Channels of the map.
        norm_cfg: Normalisation, batch norm by default.
        conv: Further arguments of :class:`DynamicConv`.
    """

    def __init__(self, channels: int, norm_cfg: dict | None = None, **conv) -> None:
        super().__init__()
        self.conv = DynamicConv(channels, channels, **conv)
        self.norm = build_norm_layer(norm_cfg or dict(type='BN'), channels)[1]
        self.activation = nn.ReLU(inplace=True)

    def init_weights(self) -> None:
        super().init_weights()
        constant_init(self.norm, 0)

    def forward(self, feature: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape, at least 0."""
        return self.activation(feature + self.norm(self.conv(feature)))
