"""Loads the second of sound that belongs to a frame."""

import math

import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ..safe_audio import read_sound, resampled


@TRANSFORMS.register_module()
class LoadAudio(BaseTransform):
    """A stretch of ``gt_tasks['audio_file']`` of exactly ``duration_s``.

    The stretch ends with the frame, at ``frame_id / fps`` seconds, as a device
    hears it; where the recording does not reach that far back, or ends before, the
    stretch is moved to lie within it, and a recording shorter than the stretch is
    followed by zeros. A sample without ``frame_id`` or rate takes the beginning.

    Adds ``audio`` (2, n) float32, left and right in [-1, 1], n = rate x duration,
    or (2, 0) where there is no sound; ``audio_channels``, 0, 1 (mono, given to both
    ears) or 2 (of more channels the first two); ``audio_rate_hz``; and
    ``audio_start_s``, where in the recording the stretch begins. Ears change places
    with a flipped image.

    Args:
        sample_rate_hz: Rate of ``audio``; other rates are resampled.
        duration_s: Length of the stretch.
        fps: Frames a second of videos whose images do not tell their ``fps``.

    Raises:
        InvalidAudioError: If the file is absent or no sound.
        ModuleNotFoundError: If a file other than WAV needs ``soundfile``.
        ValueError: If an option is not a number above 0.
    """

    def __init__(
        self,
        sample_rate_hz: int = 16_000,
        duration_s: float = 1.0,
        fps: float | None = None,
    ) -> None:
        for name, value in (
            ('sample_rate_hz', sample_rate_hz),
            ('duration_s', duration_s),
            ('fps', 1 if fps is None else fps),
        ):
            if not 0 < value < math.inf:
                raise ValueError(f'{name} must be a number above 0, got {value!r}')
        self.sample_rate_hz = int(sample_rate_hz)
        self.duration_s = duration_s
        self.fps = fps

    def transform(self, results: dict) -> dict:
        """Reads the sound of the sample, if it has one."""
        path = results.get('gt_tasks', {}).get('audio_file')
        if path is None:
            results['audio'] = np.zeros((2, 0), np.float32)
            results['audio_channels'] = 0
            return results
        wave, rate_hz = read_sound(path)
        latest_s = max(wave.shape[1] / rate_hz - self.duration_s, 0)
        end_s = self._frame_s(results)
        start_s = min(max(end_s - self.duration_s, 0), latest_s)
        first = round(start_s * rate_hz)
        last = first + math.ceil(self.duration_s * rate_hz)
        part = resampled(wave[:2, first:last], rate_hz, self.sample_rate_hz)
        length = round(self.duration_s * self.sample_rate_hz)
        audio = np.zeros((2, length), np.float32)
        # Mono broadcasts to both ears.
        audio[:, : part.shape[1]] = part[:, :length]
        order = [1, 0] if results.get('ears_swapped') else [0, 1]
        results['audio'] = audio[order]
        results['audio_channels'] = min(len(wave), 2)
        results['audio_start_s'] = start_s
        results['audio_rate_hz'] = self.sample_rate_hz
        return results

    def _frame_s(self, results: dict) -> float:
        """Seconds from the first frame of the video to this one."""
        fps = results.get('fps', self.fps)
        return results.get('frame_id', 0) / fps if fps else 0.0

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(sample_rate_hz={self.sample_rate_hz}, '
            f'duration_s={self.duration_s}, fps={self.fps})'
        )
