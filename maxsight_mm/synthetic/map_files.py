"""Depth, flow, occlusion and sound on disk, in formats that others read too.

* depth: 16-bit grey PNG in millimetres; 65535 means 65.535 m or more.
* flow: KITTI's 16-bit PNG, (value - 2^15) / 64 pixels, third channel validity;
  motions beyond +-512 px are invalid.
* occlusion: 8-bit grey PNG, 255 where occluded.
* sound: 16-bit PCM WAV.
"""

import wave
from pathlib import Path

import cv2
import numpy as np

_DEPTH_LIMIT = 65_535
_FLOW_SCALE = 64.0
_FLOW_ZERO = 32_768.0


def _write(path: Path, array: np.ndarray) -> None:
    if not cv2.imwrite(str(path), array):
        raise OSError(f'cannot write {path}')


def _read(path: str | Path, dtype: type, ndim: int) -> np.ndarray:
    array = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if array is None:
        raise OSError(f'cannot read {path}')
    if array.dtype != dtype or array.ndim != ndim:
        raise OSError(
            f'{path}: expected {np.dtype(dtype).name} with {ndim} axes, got '
            f'{array.dtype.name} of shape {array.shape}'
        )
    return array


def write_depth(path: Path, depth_m: np.ndarray) -> None:
    """Writes (H, W) float32 metres; raises ``OSError`` if it cannot."""
    millimetres = np.rint(depth_m * 1000.0)
    _write(path, np.clip(millimetres, 0, _DEPTH_LIMIT).astype(np.uint16))


def read_depth(path: str | Path) -> np.ndarray:
    """(H, W) float32 metres; raises ``OSError`` if it cannot."""
    return _read(path, np.uint16, 2).astype(np.float32) / 1000


def write_flow(path: Path, flow_px: np.ndarray) -> None:
    """Writes (H, W, 2) float32 pixels (x, y); raises ``OSError`` if it cannot."""
    coded = np.rint(flow_px * _FLOW_SCALE + _FLOW_ZERO)
    valid = ((coded >= 0) & (coded <= _DEPTH_LIMIT)).all(2)
    coded = np.clip(coded, 0, _DEPTH_LIMIT)
    channels = np.dstack([valid, coded[..., 1], coded[..., 0]])
    _write(path, channels.astype(np.uint16))


def read_flow(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 2) float32 pixels and (H, W) bool validity; may raise ``OSError``."""
    coded = _read(path, np.uint16, 3).astype(np.float32)
    flow = (coded[..., [2, 1]] - _FLOW_ZERO) / _FLOW_SCALE
    return flow, coded[..., 0] > 0


def write_occlusion(path: Path, occlusion: np.ndarray) -> None:
    """Writes (H, W) bool; raises ``OSError`` if it cannot."""
    _write(path, occlusion.astype(np.uint8) * 255)


def read_occlusion(path: str | Path) -> np.ndarray:
    """(H, W) bool; raises ``OSError`` if it cannot."""
    return _read(path, np.uint8, 2) > 0


def write_sound(path: Path, waveform: np.ndarray, sample_rate_hz: int) -> None:
    """Writes (channels, n) float32 in [-1, 1]; raises ``OSError`` if it cannot."""
    pcm = np.rint(np.clip(waveform, -1, 1) * 32_767).astype('<i2')
    with wave.open(str(path), 'wb') as file:
        file.setnchannels(len(waveform))
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(np.ascontiguousarray(pcm.T).tobytes())
