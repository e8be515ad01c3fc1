"""Mel spectrogram and cepstrum of sound, with ``torch.stft`` alone.

Pre-emphasis, 25 ms Hamming window every 10 ms, power spectrum, mel filterbank,
logarithm, DCT-II (Davis and Mermelstein, IEEE TASSP 28(4), 1980). The filterbank is
Slaney's (linear below 1 kHz, each filter of unit area), as librosa's default; its
``htk`` scale is the option. torchaudio would add a binary that has to match torch.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LOG_FLOOR = 1e-10
_SLANEY_HZ_PER_MEL = 200 / 3
_SLANEY_LOG_STEP = math.log(6.4) / 27


def preemphasise(waveform: Tensor, coefficient: float = 0.97) -> Tensor:
    """(..., n) samples minus ``coefficient`` of the one before; the first is kept."""
    before = F.pad(waveform[..., :-1], (1, 0))
    return waveform - coefficient * before


def hz_to_mel(hz: Tensor, htk: bool = False) -> Tensor:
    """Mel of frequencies, any shape."""
    if htk:
        return 2595 * torch.log10(1 + hz / 700)
    linear = hz / _SLANEY_HZ_PER_MEL
    logarithmic = 15 + torch.log(hz.clamp(min=1e-9) / 1000) / _SLANEY_LOG_STEP
    return torch.where(hz < 1000, linear, logarithmic)


def mel_to_hz(mel: Tensor, htk: bool = False) -> Tensor:
    """Frequencies of mels, any shape."""
    if htk:
        return 700 * (10 ** (mel / 2595) - 1)
    linear = mel * _SLANEY_HZ_PER_MEL
    logarithmic = 1000 * torch.exp(_SLANEY_LOG_STEP * (mel - 15))
    return torch.where(mel < 15, linear, logarithmic)


def mel_filterbank(
    num_mels: int,
    fft_size: int,
    sample_rate_hz: int,
    min_hz: float = 0.0,
    max_hz: float | None = None,
    htk: bool = False,
) -> Tensor:
    """(num_mels, fft_size / 2 + 1) float32 triangles of unit area in Hz."""
    top = sample_rate_hz / 2 if max_hz is None else max_hz
    ends = hz_to_mel(torch.tensor([min_hz, top], dtype=torch.float64), htk)
    mels = torch.linspace(
        ends[0].item(), ends[1].item(), num_mels + 2, dtype=torch.float64
    )
    edges = mel_to_hz(mels, htk)
    bins = torch.linspace(0, sample_rate_hz / 2, fft_size // 2 + 1, dtype=torch.float64)
    slopes = edges[:, None] - bins
    width = edges.diff()[:, None]
    triangles = torch.minimum(-slopes[:-2] / width[:-1], slopes[2:] / width[1:])
    area = 2 / (edges[2:] - edges[:-2])
    return (triangles.clamp(min=0) * area[:, None]).float()


def dct_matrix(num_coefficients: int, size: int) -> Tensor:
    """(num_coefficients, size) float32: the first rows of the orthonormal DCT-II."""
    row = torch.arange(num_coefficients, dtype=torch.float64)[:, None]
    place = torch.arange(size, dtype=torch.float64) + 0.5
    matrix = torch.cos(math.pi / size * row * place) * math.sqrt(2 / size)
    matrix[0] /= math.sqrt(2)
    return matrix.float()


class MFCC(nn.Module):
    """Log-mel frames and their cepstrum.

    Args:
        sample_rate_hz: Rate of the sound.
        num_mels: Mel bands.
        num_coefficients: Cepstral coefficients kept, at most ``num_mels``.
        window_ms: Length of the Hamming window.
        hop_ms: Step from frame to frame.
        preemphasis: Share of the sample before that is taken away.
        min_hz: Lower end of the filterbank.
        max_hz: Upper end; half the sample rate by default.
        htk: HTK's mel scale in place of Slaney's.

    Raises:
        ValueError: If there are more coefficients than bands.
    """

    window: Tensor
    filterbank: Tensor
    dct: Tensor

    def __init__(
        self,
        sample_rate_hz: int = 16_000,
        num_mels: int = 64,
        num_coefficients: int = 16,
        window_ms: float = 25.0,
        hop_ms: float = 10.0,
        preemphasis: float = 0.97,
        min_hz: float = 0.0,
        max_hz: float | None = None,
        htk: bool = False,
    ) -> None:
        super().__init__()
        if not 0 < num_coefficients <= num_mels:
            raise ValueError(
                f'num_coefficients must be 1 to num_mels ({num_mels}), '
                f'got {num_coefficients}'
            )
        length = round(sample_rate_hz * window_ms / 1000)
        self.hop = round(sample_rate_hz * hop_ms / 1000)
        self.fft_size = 1 << (length - 1).bit_length()
        self.preemphasis = preemphasis
        bank = mel_filterbank(
            num_mels, self.fft_size, sample_rate_hz, min_hz, max_hz, htk
        )
        dct = dct_matrix(num_coefficients, num_mels)
        self.register_buffer('window', torch.hamming_window(length), persistent=False)
        self.register_buffer('filterbank', bank, persistent=False)
        self.register_buffer('dct', dct, persistent=False)

    def mel_power(self, waveform: Tensor) -> Tensor:
        """(B, n) float32 samples to (B, F, M) power, F = 1 + n // hop.

        Frame i is centred on sample i x hop; beyond the ends there are zeros.
        """
        spectrum = torch.stft(
            preemphasise(waveform, self.preemphasis),
            self.fft_size,
            self.hop,
            len(self.window),
            self.window,
            center=True,
            pad_mode='constant',
            return_complex=True,
        )
        power = spectrum.real.square() + spectrum.imag.square()
        return (self.filterbank @ power).transpose(1, 2)

    def log_mel(self, waveform: Tensor) -> Tensor:
        """(B, n) samples to (B, F, M) natural logarithms, at least ln 1e-10."""
        return self.mel_power(waveform).clamp(min=LOG_FLOOR).log()

    def cepstrum(self, log_mel: Tensor) -> Tensor:
        """(..., F, M) logarithms to (..., F, K) coefficients."""
        return log_mel @ self.dct.T

    def forward(self, waveform: Tensor) -> Tensor:
        """(B, n) float32 samples to (B, F, K) coefficients."""
        return self.cepstrum(self.log_mel(waveform))
