"""Channels of a ResNet's stages, and the narrowest one that trains on a CPU."""

from typing import Literal

MIN_BASE_CHANNELS = 16


def resnet_widths(depth: Literal[18, 34, 50], base_channels: int) -> list[int]:
    """Channels of C2 to C5.

    Raises:
        ValueError: If the stem has fewer than 16 channels: in torch 2.13, oneDNN's
            backward of a strided 1x1 convolution over fewer channels in channels_last
            writes past its buffer, with two threads and an odd batch.
    """
    if base_channels < MIN_BASE_CHANNELS:
        raise ValueError(
            f'base_channels must be at least {MIN_BASE_CHANNELS}, got {base_channels}'
        )
    expansion = 4 if depth >= 50 else 1
    return [base_channels * expansion * 2**stage for stage in range(4)]
