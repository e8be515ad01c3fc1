"""From two ears' sound to what the audio encoder reads (our design).

*Frames* are standardised log-mels of the mean power of both ears (a mean of the
waves would cancel what arrives half a period apart).

The *clip vector* has 128 numbers: 16 cepstral coefficients x (mean, deviation) x 4
quarters of the clip. Subsampling the flattened frames x coefficients matrix would
mix time with coefficient, and a place in the vector would mean another thing when
the length changes. Here each place keeps its meaning at any length: the mean is the
spectral envelope of a quarter, the deviation how much it moves within, and the four
quarters keep the order of events.

*Spatial* cues are the generalised cross-correlation with phase transform (Knapp and
Carter, IEEE TASSP 24(4), 1976) at lags of up to 1 ms either way, in three bands
since sounds that overlap come from several sides, and the level difference of the
ears in eight bands.
"""

import math
import warnings

import torch
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .mfcc import MFCC
from .resample import resample

NUM_SEGMENTS = 4
LAG_LIMIT_MS = 1.0
LAG_BANDS_HZ = ((100, 1000), (1000, 3000), (3000, 8000))
LEVEL_EDGES_HZ = (0, 300, 600, 1000, 1600, 2500, 4000, 5700, 8001)
# Mean and deviation of log-mels, about those of the street world's sounds.
_LOG_MEAN, _LOG_STD = -8.0, 4.0
_LEVEL_UNIT_DB = 10.0
_SPATIAL_FFT, _SPATIAL_HOP = 1024, 512


def segment_statistics(frames: Tensor, num_segments: int = NUM_SEGMENTS) -> Tensor:
    """Mean and deviation of each coefficient in equal stretches of time.

    Args:
        frames: (B, F, K) float, F >= 1. With fewer frames than segments a frame
            stands for several.

    Returns:
        (B, num_segments * 2 * K) float: by segment, means then deviations.
    """
    count = frames.shape[1]
    parts = []
    for index in range(num_segments):
        first = min(index * count // num_segments, count - 1)
        last = max((index + 1) * count // num_segments, first + 1)
        part = frames[:, first:last]
        parts += [part.mean(1), part.std(1, correction=0)]
    return torch.cat(parts, dim=1)


def gcc_phat(
    left: Tensor, right: Tensor, max_lag: int, bins: slice, fft_size: int
) -> Tensor:
    """Cross-correlation of phases, averaged over frames.

    Bins weaker than the mean of their clip count less, since their phase is noise:
    the plain transform would weigh a bin of silence as one of sound.

    Args:
        left: (B, fft_size / 2 + 1, F) complex spectrum.
        right: The same of the other ear.
        max_lag: Greatest lag in samples.
        bins: Frequency bins that take part.
        fft_size: Length of the transform.

    Returns:
        (B, 2 max_lag + 1) float in [-1, 1]; a peak at index max_lag + k says that
        the left ear hears k samples after the right; zeros for silence.
    """
    cross = torch.zeros_like(left)
    product = left[:, bins] * right[:, bins].conj()
    size = product.abs()
    floor = 0.1 * size.mean(dim=(1, 2), keepdim=True)
    weight = size / (size + floor).clamp(min=1e-20)
    cross[:, bins] = product / size.clamp(min=1e-20) * weight
    total = weight.sum(dim=(1, 2)).clamp(min=1e-6)
    lags = torch.fft.irfft(cross.sum(-1), fft_size) * fft_size / (2 * total[:, None])
    return torch.cat([lags[:, -max_lag:], lags[:, : max_lag + 1]], dim=1)


@MODELS.register_module()
class AudioFeatures(nn.Module):
    """Features of stereo sound.

    Args:
        sample_rate_hz: Rate at which features are computed; other rates are
            resampled to it.
        num_mels: Mel bands of the frames.
        num_coefficients: Cepstral coefficients of the clip vector.
        time_mask: Options of :class:`TimeMask`, or None.
        frequency_mask: Options of :class:`FrequencyMask`, or None.

    Attributes:
        num_nonfinite: Sounds so far that held nan or infinity.
    """

    spatial_window: Tensor

    def __init__(
        self,
        sample_rate_hz: int = 16_000,
        num_mels: int = 64,
        num_coefficients: int = 16,
        time_mask: dict | None = None,
        frequency_mask: dict | None = None,
    ) -> None:
        super().__init__()
        self.sample_rate_hz = sample_rate_hz
        self.mfcc = MFCC(sample_rate_hz, num_mels, num_coefficients)
        self.masks = nn.Sequential(
            *(
                MODELS.build(dict(type=name, **options))
                for name, options in (
                    ('TimeMask', time_mask),
                    ('FrequencyMask', frequency_mask),
                )
                if options is not None
            )
        )
        self.max_lag = round(LAG_LIMIT_MS / 1000 * sample_rate_hz)
        self.num_nonfinite = 0
        window = torch.hann_window(_SPATIAL_FFT)
        self.register_buffer('spatial_window', window, persistent=False)

    @property
    def feature_channels(self) -> dict[str, int]:
        """Last side of each feature, by name."""
        lags = (2 * self.max_lag + 1) * len(LAG_BANDS_HZ)
        coefficients = len(self.mfcc.dct)
        return {
            'audio_frames': len(self.mfcc.filterbank),
            'audio_mfcc': coefficients * 2 * NUM_SEGMENTS,
            'audio_spatial': lags + len(LEVEL_EDGES_HZ) - 1,
        }

    @torch.no_grad()
    def forward(
        self,
        waveform: Tensor,
        valid: Tensor | None = None,
        sample_rate_hz: int | None = None,
    ) -> dict[str, Tensor]:
        """Features of a batch.

        Silence is sound: it has frames at the floor, no spatial cue, and is valid.
        Sound that is not there, or not finite, is invalid and its features are 0.
        Sound that is the same in both ears, or has one channel, has no direction
        and its spatial cues are 0: a peak at lag 0 would say *ahead*.

        Args:
            waveform: (B, 2, n) or (B, 1, n) float, left and right in [-1, 1].
            valid: (B,) bool, whether the sample has sound; all by default.
            sample_rate_hz: Rate of the waveform, by default that of the features.

        Returns:
            ``audio_frames`` (B, F, M), ``audio_mfcc`` (B, 8 K), ``audio_spatial``
            (B, S), all float32, and ``audio_valid`` (B,) bool.

        Raises:
            ValueError: If the shape is another.
        """
        if waveform.ndim != 3 or waveform.shape[1] not in (1, 2):
            raise ValueError(
                f'waveform must be (B, 1 or 2, n), got {tuple(waveform.shape)}'
            )
        valid = self._usable(waveform, valid)
        with torch.autocast(waveform.device.type, enabled=False):
            waveform = torch.where(valid[:, None, None], waveform, 0).float()
            if sample_rate_hz is not None:
                waveform = resample(waveform, sample_rate_hz, self.sample_rate_hz)
            if waveform.shape[-1] == 0:
                waveform = waveform.new_zeros(*waveform.shape[:2], self.mfcc.hop)
            frames = self._frames(waveform)
            coefficients = self.mfcc.cepstrum(frames)
            features = {
                'audio_frames': frames,
                'audio_mfcc': segment_statistics(coefficients),
                'audio_spatial': self._spatial(waveform),
            }
        for name, value in features.items():
            mask = valid.reshape(-1, *[1] * (value.ndim - 1))
            features[name] = torch.where(mask, value, 0)
        features['audio_valid'] = valid
        return features

    def _usable(self, waveform: Tensor, valid: Tensor | None) -> Tensor:
        """(B,) bool: given, not empty, and finite."""
        if valid is None:
            valid = waveform.new_ones(len(waveform), dtype=torch.bool)
        finite = waveform.isfinite().flatten(1).all(1)
        broken = int((valid & ~finite).sum())
        if broken and not self.num_nonfinite:
            warnings.warn(
                f'{broken} of {len(waveform)} sounds hold nan or infinity and are '
                'left out; later ones are counted in num_nonfinite',
                stacklevel=3,
            )
        self.num_nonfinite += broken
        return valid & finite & (waveform.shape[-1] > 0)

    def _frames(self, waveform: Tensor) -> Tensor:
        """(B, C, n) to (B, F, M) standardised log-mels, masked in training."""
        power = self.mfcc.mel_power(waveform.flatten(0, 1))
        power = power.unflatten(0, waveform.shape[:2]).mean(1)
        log_mel = power.clamp(min=1e-10).log()
        return self.masks((log_mel - _LOG_MEAN) / _LOG_STD)

    def _spatial(self, waveform: Tensor) -> Tensor:
        """(B, C, n) to (B, S)."""
        size = self.feature_channels['audio_spatial']
        if waveform.shape[1] == 1:
            return waveform.new_zeros(len(waveform), size)
        spectrum = torch.stft(
            waveform.flatten(0, 1),
            _SPATIAL_FFT,
            _SPATIAL_HOP,
            window=self.spatial_window,
            center=True,
            pad_mode='constant',
            return_complex=True,
        ).unflatten(0, waveform.shape[:2])
        left, right = spectrum[:, 0], spectrum[:, 1]
        hz_per_bin = self.sample_rate_hz / _SPATIAL_FFT
        cues = []
        for low, high in LAG_BANDS_HZ:
            bins = slice(round(low / hz_per_bin), round(high / hz_per_bin))
            cues.append(gcc_phat(left, right, self.max_lag, bins, _SPATIAL_FFT))
        power = spectrum.real.square() + spectrum.imag.square()
        levels = []
        for low, high in zip(LEVEL_EDGES_HZ, LEVEL_EDGES_HZ[1:], strict=False):
            bins = slice(math.ceil(low / hz_per_bin), math.ceil(high / hz_per_bin))
            band = power[:, :, bins].sum(dim=(2, 3)).clamp(min=1e-8).log10() * 10
            levels.append((band[:, 1] - band[:, 0]) / _LEVEL_UNIT_DB)
        cues.append(torch.stack(levels, dim=1))
        stereo = (waveform[:, 0] != waveform[:, 1]).any(1, keepdim=True)
        return torch.where(stereo, torch.cat(cues, dim=1), 0)
