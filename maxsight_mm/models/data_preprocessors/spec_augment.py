"""Hides stretches of time and bands of frequency of a spectrogram, in training.

SpecAugment (Park et al., arXiv 1904.08779) without its time warping. What is hidden
becomes 0, the mean of standardised frames. Widths are drawn evenly from 0 to the
greatest; a mask never covers more than ``max_share`` of the sound, so that a short
one is not hidden whole.
"""

import torch
from torch import Tensor, nn

from maxsight_mm.registry import MODELS


def hide(frames: Tensor, dim: int, max_width: int, max_share: float) -> Tensor:
    """Zeros one stretch along a dimension, another for each sample.

    Args:
        frames: (B, F, M) float.
        dim: 1 for time, 2 for frequency.
        max_width: Greatest width.
        max_share: Greatest width as a share of the dimension.
    """
    size, batch = frames.shape[dim], len(frames)
    widest = min(max_width, int(size * max_share))
    draw = torch.rand(2, batch, 1, device=frames.device)
    width = (draw[0] * (widest + 1)).floor()
    first = (draw[1] * (size - width + 1)).floor()
    place = torch.arange(size, device=frames.device)
    hidden = (place >= first) & (place < first + width)
    return frames.masked_fill(hidden.unsqueeze(3 - dim), 0.0)


class _Mask(nn.Module):
    dim: int

    def __init__(self, max_width: int, count: int = 1, max_share: float = 0.3) -> None:
        super().__init__()
        if max_width < 0 or count < 0 or not 0 <= max_share <= 1:
            raise ValueError(
                'expected max_width and count >= 0 and max_share in [0, 1], got '
                f'{max_width!r}, {count!r} and {max_share!r}'
            )
        self.max_width, self.count, self.max_share = max_width, count, max_share

    def forward(self, frames: Tensor) -> Tensor:
        """(B, F, M) float standardised frames, masked in training only."""
        if not self.training:
            return frames
        for _ in range(self.count):
            frames = hide(frames, self.dim, self.max_width, self.max_share)
        return frames


@MODELS.register_module()
class TimeMask(_Mask):
    """Hides up to ``count`` stretches of up to ``max_width`` frames each.

    Args:
        max_width: Greatest width in frames.
        count: Number of masks.
        max_share: Greatest width as a share of the sound.

    Raises:
        ValueError: If an option is out of its range.
    """

    dim = 1


@MODELS.register_module()
class FrequencyMask(_Mask):
    """Hides up to ``count`` bands of up to ``max_width`` mel bands each.

    Args:
        max_width: Greatest width in mel bands.
        count: Number of masks.
        max_share: Greatest width as a share of all bands.

    Raises:
        ValueError: If an option is out of its range.
    """

    dim = 2
