"""Changes the loaded sound at random: pace, pitch, start, noise and level.

Each works on what ``LoadAudio`` gives, (2, n) float32, and keeps its length; a sample
without sound, (2, 0) or no key, passes unchanged. Both ears always get the same
change, so that a direction stays what it was. The times of ``gt_tasks['sounds']``
follow.
"""

from abc import abstractmethod
from collections.abc import Callable

import numpy as np
from mmcv.transforms import BaseTransform
from scipy.signal import istft, stft

from ...registry import TRANSFORMS

_WINDOW, _HOP = 512, 128


class _AudioTransform(BaseTransform):
    """Draws a value from a range and applies it, with probability ``prob``."""

    def __init__(self, low: float, high: float, prob: float) -> None:
        if not (np.isfinite([low, high]).all() and low <= high and 0 <= prob <= 1):
            raise ValueError(
                f'{type(self).__name__}: expected a finite range from low to high and '
                f'prob in [0, 1], got ({low!r}, {high!r}) and {prob!r}'
            )
        self.low, self.high, self.prob = low, high, prob

    def transform(self, results: dict) -> dict:
        """Changes ``audio``, and the times of ``sounds``."""
        audio = results.get('audio')
        if audio is None or not audio.size or np.random.rand() >= self.prob:
            return results
        value = np.random.uniform(self.low, self.high)
        results['audio'] = self.change(audio, value, results).astype(np.float32)
        return results

    @abstractmethod
    def change(self, audio: np.ndarray, value: float, results: dict) -> np.ndarray:
        """(2, n) float, changed by the value that was drawn."""

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.low}, {self.high}, prob={self.prob})'


@TRANSFORMS.register_module()
class AudioTimeStretch(_AudioTransform):
    """Faster or slower at the same pitch, by a phase vocoder.

    The end is cut off, or followed by zeros.

    Args:
        rate: Least and greatest pace; 2 is twice as fast.
        prob: Share of the samples that are changed.

    Raises:
        ValueError: If a rate is not above 0.
    """

    def __init__(
        self, rate: tuple[float, float] = (0.8, 1.2), prob: float = 0.5
    ) -> None:
        super().__init__(*rate, prob)
        if rate[0] <= 0:
            raise ValueError(f'AudioTimeStretch: rates must be above 0, got {rate!r}')

    def change(self, audio: np.ndarray, value: float, results: dict) -> np.ndarray:
        stretched = fitted(time_stretch(audio, value), audio.shape[1])
        _move_sounds(results, lambda time_s: time_s / value)
        return stretched


@TRANSFORMS.register_module()
class AudioPitchShift(_AudioTransform):
    """Higher or lower at the same pace: stretched, then resampled.

    Resampling also brings the ears' delays nearer or farther by the ratio of the
    pitches, at most 12 % at 2 semitones: at 45 degrees an error of 5.

    Args:
        semitones: Least and greatest shift.
        prob: Share of the samples that are changed.
    """

    def __init__(
        self, semitones: tuple[float, float] = (-2.0, 2.0), prob: float = 0.5
    ) -> None:
        super().__init__(*semitones, prob)

    def change(self, audio: np.ndarray, value: float, results: dict) -> np.ndarray:
        return pitch_shift(audio, value)


@TRANSFORMS.register_module()
class AudioTimeShift(_AudioTransform):
    """Earlier or later, with zeros where nothing was recorded.

    Rolling would put the end of a sound before its beginning: an onset that never
    was, and at the seam a click.

    Args:
        max_shift_s: Greatest shift either way.
        prob: Share of the samples that are changed.
    """

    def __init__(self, max_shift_s: float = 0.1, prob: float = 0.5) -> None:
        super().__init__(-max_shift_s, max_shift_s, prob)

    def change(self, audio: np.ndarray, value: float, results: dict) -> np.ndarray:
        length, rate_hz = audio.shape[1], results['audio_rate_hz']
        shift = round(value * rate_hz)
        shift = max(-length, min(shift, length))
        shifted = np.zeros_like(audio)
        shifted[:, max(shift, 0) : length + min(shift, 0)] = audio[
            :, max(-shift, 0) : length - max(shift, 0)
        ]
        _move_sounds(results, lambda time_s: time_s + shift / rate_hz)
        return shifted


@TRANSFORMS.register_module()
class AudioNoise(_AudioTransform):
    """White noise, of its own in each ear; silence stays silent.

    Args:
        snr_db: Least and greatest ratio of the sound's power to that of the noise.
        prob: Share of the samples that are changed.
    """

    def __init__(
        self, snr_db: tuple[float, float] = (10.0, 40.0), prob: float = 0.5
    ) -> None:
        super().__init__(*snr_db, prob)

    def change(self, audio: np.ndarray, value: float, results: dict) -> np.ndarray:
        power = np.mean(np.square(audio, dtype=np.float64))
        deviation = np.sqrt(power / 10 ** (value / 10))
        return audio + np.random.normal(size=audio.shape) * deviation


@TRANSFORMS.register_module()
class AudioGain(_AudioTransform):
    """Louder or quieter, but never so loud that it clips.

    Args:
        gain_db: Least and greatest gain.
        prob: Share of the samples that are changed.
    """

    def __init__(
        self, gain_db: tuple[float, float] = (-6.0, 6.0), prob: float = 0.5
    ) -> None:
        super().__init__(*gain_db, prob)

    def change(self, audio: np.ndarray, value: float, results: dict) -> np.ndarray:
        peak = float(np.abs(audio).max())
        gain = 10 ** (value / 20)
        return audio * (min(gain, max(1 / peak, 1.0)) if peak > 0 else gain)


def fitted(audio: np.ndarray, length: int) -> np.ndarray:
    """(2, m) cut off or followed by zeros, to (2, length)."""
    audio = audio[:, :length]
    return np.pad(audio, ((0, 0), (0, length - audio.shape[1])))


def time_stretch(audio: np.ndarray, rate: float) -> np.ndarray:
    """(2, n) to (2, round(n / rate)) at the same pitch (Flanagan, BSTJ 45, 1966).

    The phases run on for the sum of the ears; each ear keeps its own phase to that
    sum, frame by frame, and with it the delay that tells the direction. A vocoder
    for each ear would lose it.
    """
    length = max(round(audio.shape[1] / rate), 1)
    noverlap = _WINDOW - _HOP
    audio = fitted(audio, max(audio.shape[1], _WINDOW))
    _, _, spectrum = stft(audio, nperseg=_WINDOW, noverlap=noverlap)
    middle = spectrum.sum(0)
    places = np.arange(0, spectrum.shape[2] - 1, rate)
    before = places.astype(int)
    share = places - before
    sizes = np.abs(spectrum)
    size = (1 - share) * sizes[:, :, before] + share * sizes[:, :, before + 1]
    nearest = np.round(places).astype(int)
    to_middle = np.angle(spectrum * middle.conj())[:, :, nearest]
    # What the phase gains in a hop: that of the bin, and the rest read from the sound.
    expected = 2 * np.pi * _HOP * np.arange(len(middle))[:, None] / _WINDOW
    gained = np.angle(middle[:, before + 1] * middle[:, before].conj()) - expected
    gained = expected + gained - 2 * np.pi * np.round(gained / (2 * np.pi))
    phase = np.angle(middle[:, :1]) + np.cumsum(gained, axis=1) - gained
    _, out = istft(
        size * np.exp(1j * (phase + to_middle)), nperseg=_WINDOW, noverlap=noverlap
    )
    return fitted(out, length)


def pitch_shift(audio: np.ndarray, semitones: float) -> np.ndarray:
    """(2, n) of the same length, each frequency times 2 ** (semitones / 12)."""
    ratio = 2 ** (semitones / 12)
    length = audio.shape[1]
    slow = time_stretch(audio, 1 / ratio)
    wanted = round(slow.shape[1] / ratio)
    spectrum = np.fft.rfft(slow)
    kept = min(spectrum.shape[1], wanted // 2 + 1)
    scaled = np.fft.irfft(spectrum[:, :kept], wanted) * wanted / slow.shape[1]
    return fitted(scaled, length)


def _move_sounds(results: dict, moved: Callable[[float], float]) -> None:
    """Gives ``sounds`` their new times, counted from where ``audio`` begins."""
    tasks = results.get('gt_tasks', {})
    if 'sounds' not in tasks:
        return
    begin_s = results.get('audio_start_s', 0.0)
    sounds = [
        sound
        | {
            key: begin_s + moved(sound[key] - begin_s)
            for key in ('start_s', 'end_s')
            if key in sound
        }
        for sound in tasks['sounds']
    ]
    results['gt_tasks'] = {**tasks, 'sounds': sounds}
