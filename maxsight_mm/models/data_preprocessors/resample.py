"""Changes the sample rate of sound: windowed sinc, one filter a phase.

With rates L / M in lowest terms output k lies at k M / L input samples, so only L
fractional places occur; each has its own Hann-windowed sinc that cuts off at the
lower of the two half rates (Crochiere and Rabiner, Proc. IEEE 69(3), 1981).
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

_ZERO_CROSSINGS = 16
# A little below the half rate, so that what the slope lets through does not fold.
_ROLLOFF = 0.95


def resample(waveform: Tensor, from_hz: int, to_hz: int) -> Tensor:
    """(..., n) float samples to (..., ceil(n x to / from)), the same moments.

    Raises:
        ValueError: If a rate is not above 0.
    """
    if from_hz <= 0 or to_hz <= 0:
        raise ValueError(f'rates must be above 0, got {from_hz!r} and {to_hz!r}')
    divisor = math.gcd(from_hz, to_hz)
    step, phases = from_hz // divisor, to_hz // divisor
    if step == phases:
        return waveform
    kernel, reach = _kernel(step, phases)
    *lead, length = waveform.shape
    flat = F.pad(waveform.reshape(-1, 1, length), (reach, reach + step))
    # (R, phases, m) -> (R, m * phases): output k is phase k % L of block k // L
    blocks = F.conv1d(flat, kernel.to(flat)[:, None], stride=step)
    out = blocks.transpose(1, 2).flatten(1)
    return out[:, : -(-length * phases // step)].reshape(*lead, -1)


@lru_cache(maxsize=8)
def _kernel(step: int, phases: int) -> tuple[Tensor, int]:
    """(phases, 2 reach + step) taps, and how far they reach back."""
    cutoff = min(1.0, phases / step) * _ROLLOFF
    reach = math.ceil(_ZERO_CROSSINGS / cutoff)
    taps = torch.arange(-reach, reach + step, dtype=torch.float64)
    centre = torch.arange(phases, dtype=torch.float64)[:, None] * step / phases
    x = (taps - centre) * cutoff
    window = torch.cos(math.pi / 2 * (x / _ZERO_CROSSINGS).clamp(-1, 1)).square()
    return torch.sinc(x) * window * cutoff, reach
