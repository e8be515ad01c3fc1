"""Reads a stretch of a sound file, or says in one line what is wrong with it."""

import warnings
from math import gcd
from pathlib import Path

import numpy as np
from scipy.io import wavfile
from scipy.signal import resample_poly


class InvalidAudioError(ValueError):
    """A file that is no usable sound; the message is one line that names it."""


def read_sound(path: str) -> tuple[np.ndarray, int]:
    """The waveform (channels, n) float32 in [-1, 1], and its sample rate in hertz.

    WAV needs nothing else; other formats are read by ``soundfile``.

    Raises:
        InvalidAudioError: If the file is absent, no sound, or has no channel.
        ModuleNotFoundError: If the format needs ``soundfile``, which is not there.
    """
    if not Path(path).is_file():
        raise InvalidAudioError(f'{path}: no such sound file')
    is_wav = Path(path).suffix.lower() == '.wav'
    wave, rate_hz = _read_wav(path) if is_wav else _read_other(path)
    if wave.shape[1] == 0 or rate_hz <= 0:
        raise InvalidAudioError(f'{path}: the sound has no channel or no rate')
    # (n, channels) -> (channels, n)
    return np.ascontiguousarray(wave.T), rate_hz


def _read_wav(path: str) -> tuple[np.ndarray, int]:
    try:
        with warnings.catch_warnings():
            # Chunks beside the samples, such as a title, are of no concern.
            warnings.simplefilter('ignore', wavfile.WavFileWarning)
            rate_hz, samples = wavfile.read(path)
    # scipy lets struct and EOF errors of a broken header through.
    except Exception as error:
        raise InvalidAudioError(f'{path}: not a readable WAV: {error}') from None
    wave = samples.astype(np.float32).reshape(len(samples), -1)
    if samples.dtype == np.uint8:
        return (wave - 128) / 128, rate_hz
    if samples.dtype.kind == 'i':
        return wave / -float(np.iinfo(samples.dtype).min), rate_hz
    return wave, rate_hz


def _read_other(path: str) -> tuple[np.ndarray, int]:
    try:
        import soundfile
    except ImportError:
        raise ModuleNotFoundError(
            f'{path}: sound other than WAV needs soundfile: '
            "pip install 'maxsight_mm[audio]'"
        ) from None
    try:
        return soundfile.read(path, dtype='float32', always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise InvalidAudioError(f'{path}: not a readable sound: {error}') from None


def resampled(wave: np.ndarray, rate_hz: int, wanted_hz: int) -> np.ndarray:
    """(channels, n) at another rate, band-limited by a polyphase filter.

    Args:
        wave: (channels, n) float32.
        rate_hz: Its rate.
        wanted_hz: The rate to bring it to.
    """
    if rate_hz == wanted_hz or not wave.shape[1]:
        return wave
    divisor = gcd(rate_hz, wanted_hz)
    up, down = wanted_hz // divisor, rate_hz // divisor
    return resample_poly(wave, up, down, axis=1).astype(np.float32)
