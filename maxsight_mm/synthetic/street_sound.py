"""Street sounds with a direction, for two ears.

A source at azimuth a (0 ahead, +90 right) reaches the far ear later and quieter:
the delay is Woodworth's r / c (a + sin a) for a head of radius r = 8.75 cm, the
level difference 8 dB x sin a (a broad-band mean; our simplification). The azimuth
is that of the first frame; it does not change within a recording.
"""

import math
from dataclasses import dataclass

import numpy as np

from .actor import Actor

SAMPLE_RATE_HZ = 16_000
SOUND_LABELS = ('siren', 'horn', 'steps', 'engine', 'bicycle bell', 'dog bark')
HEAD_RADIUS_M = 0.0875
SPEED_OF_SOUND_MPS = 343.0
LEVEL_DIFFERENCE_DB = 8.0
MAX_EVENTS = 3
_FULL_LEVEL_RANGE_M = 4.0


@dataclass(frozen=True)
class SoundEvent:
    """One sound.

    Attributes:
        label: One of ``SOUND_LABELS``.
        azimuth_deg: Direction, -90 left to +90 right.
        start_s: Beginning within the recording.
        end_s: End within the recording.
        track_id: Track id of the source, or -1 for a source out of sight.
    """

    label: str
    azimuth_deg: float
    start_s: float
    end_s: float
    track_id: int = -1


def interaural_delay_s(azimuth_deg: float) -> float:
    """Seconds by which the left ear hears a source later than the right ear."""
    azimuth = math.radians(azimuth_deg)
    return HEAD_RADIUS_M / SPEED_OF_SOUND_MPS * (azimuth + math.sin(azimuth))


def render_sound(
    rng: np.random.Generator, actors: list[Actor], duration_s: float
) -> tuple[np.ndarray, list[SoundEvent]]:
    """The sounds of a world.

    Args:
        rng: Source of what sounds when.
        actors: The actors; the walker stands at X = Z = 0.
        duration_s: 0.1 to 60 seconds.

    Returns:
        (2, n) float32 left and right in [-1, 1], and the events by start.

    Raises:
        ValueError: If the duration is out of its range.
    """
    if not 0.1 <= duration_s <= 60:
        raise ValueError(f'duration_s must be 0.1 to 60, got {duration_s!r}')
    length = round(duration_s * SAMPLE_RATE_HZ)
    wave = rng.normal(0, 0.0015, (2, length))
    events = []
    for label, azimuth, distance, track in _sources(rng, actors):
        span = duration_s * rng.uniform(0.6, 1.0)
        start = rng.uniform(0, duration_s - span)
        first, last = int(start * SAMPLE_RATE_HZ), int((start + span) * SAMPLE_RATE_HZ)
        mono = _VOICES[label](rng, last - first)
        mono *= _fade(last - first) * 0.5 / max(distance / _FULL_LEVEL_RANGE_M, 1.0)
        wave[:, first:last] += _to_ears(mono, azimuth)
        events.append(
            SoundEvent(
                label, azimuth, first / SAMPLE_RATE_HZ, last / SAMPLE_RATE_HZ, track
            )
        )
    events.sort(key=lambda event: event.start_s)
    peak = np.abs(wave).max()
    return (wave / max(peak / 0.98, 1.0)).astype(np.float32), events


def _sources(
    rng: np.random.Generator, actors: list[Actor]
) -> list[tuple[str, float, float, int]]:
    """(label, azimuth, distance, track) of what is heard, at most MAX_EVENTS."""
    found = []
    for index, actor in enumerate(actors):
        x, _, z = actor.position
        distance = math.hypot(x, z)
        label = _label_of(rng, actor)
        if label and z > 0.2 and distance < 30:
            found.append((label, math.degrees(math.atan2(x, z)), distance, index))
    for label, share in (('siren', 0.3), ('bicycle bell', 0.12), ('dog bark', 0.08)):
        if rng.random() < share:
            found.append((label, rng.uniform(-90, 90), rng.uniform(4, 16), -1))
    if len(found) > MAX_EVENTS:
        kept = rng.choice(len(found), MAX_EVENTS, replace=False)
        found = [found[i] for i in sorted(kept)]
    return found


def _label_of(rng: np.random.Generator, actor: Actor) -> str | None:
    draw = rng.random()
    if actor.name == 'dog':
        return 'dog bark' if draw < 0.7 else None
    if not actor.moving:
        return None
    if actor.name in ('car', 'bus', 'truck', 'motorcycle'):
        return 'horn' if draw < 0.3 else 'engine' if draw < 0.85 else None
    if actor.name == 'bicycle':
        return 'bicycle bell' if draw < 0.8 else None
    if actor.name == 'person':
        return 'steps' if draw < 0.3 else None
    return None


def _to_ears(mono: np.ndarray, azimuth_deg: float) -> np.ndarray:
    """(2, n) left and right of a source; delays are exact to a part of a sample."""
    delay = interaural_delay_s(azimuth_deg)
    level = LEVEL_DIFFERENCE_DB * math.sin(math.radians(azimuth_deg)) / 2
    size = 1 << (len(mono) + 64 - 1).bit_length()
    spectrum = np.fft.rfft(mono, size)
    omega = 2 * np.pi * np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    ears = []
    for late, gain_db in ((max(delay, 0), -level), (max(-delay, 0), level)):
        ear = np.fft.irfft(spectrum * np.exp(-1j * omega * late), size)
        ears.append(ear[: len(mono)] * 10 ** (gain_db / 20))
    return np.stack(ears)


def _fade(length: int) -> np.ndarray:
    edge = min(length // 4, SAMPLE_RATE_HZ // 50)
    envelope = np.ones(length)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / max(edge, 1))
    envelope[:edge] = ramp
    envelope[length - edge :] = ramp[::-1]
    return envelope


def _time(length: int) -> np.ndarray:
    return np.arange(length) / SAMPLE_RATE_HZ


def _siren(rng: np.random.Generator, length: int) -> np.ndarray:
    """Two tones in turn, with harmonics."""
    low, rate = rng.uniform(420, 480), rng.uniform(1.2, 2.0)
    high_now = np.sin(2 * np.pi * rate * _time(length) + rng.uniform(0, 6)) > 0
    phase = 2 * np.pi * np.cumsum(np.where(high_now, 1.33 * low, low)) / SAMPLE_RATE_HZ
    return 0.6 * np.sin(phase) + 0.25 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase)


def _horn(rng: np.random.Generator, length: int) -> np.ndarray:
    """Two detuned rough tones."""
    base, time = rng.uniform(330, 420), _time(length)
    tones = [np.sin(2 * np.pi * base * k * time) / k for k in range(1, 7)]
    tones += [np.sin(2 * np.pi * 1.26 * base * k * time) / k for k in range(1, 6)]
    return 0.35 * np.sum(tones, axis=0)


def _steps(rng: np.random.Generator, length: int) -> np.ndarray:
    """Short thuds of low-passed noise about twice a second."""
    wave = np.zeros(length)
    interval = SAMPLE_RATE_HZ / rng.uniform(1.7, 2.2)
    at = rng.uniform(0, 0.4) * interval
    while at < length:
        first = int(at)
        count = min(SAMPLE_RATE_HZ // 12, length - first)
        thud = np.convolve(rng.normal(0, 1, count), np.ones(6) / 6, 'same')[:count]
        wave[first : first + count] += thud * np.exp(-_time(count) * 60)
        at += interval * rng.uniform(0.95, 1.05)
    return 1.6 * wave


def _engine(rng: np.random.Generator, length: int) -> np.ndarray:
    """A low harmonic hum with noise on top."""
    base, time = rng.uniform(45, 80), _time(length)
    hum = sum(np.sin(2 * np.pi * base * k * time + k * k) / k for k in range(1, 12))
    rush = np.convolve(rng.normal(0, 1, length), np.ones(4) / 4, 'same')
    return 0.35 * np.asarray(hum) + 0.25 * rush


def _bell(rng: np.random.Generator, length: int) -> np.ndarray:
    """Struck metal: inharmonic partials that ring off, two strokes at a time."""
    base, wave = rng.uniform(2100, 2700), np.zeros(length)
    gap = SAMPLE_RATE_HZ // 5
    for stroke in range(0, length, 3 * gap):
        for first in (stroke, stroke + gap):
            if first >= length:
                continue
            time = _time(length - first)
            for ratio, level in ((1.0, 0.5), (1.51, 0.3), (2.13, 0.2)):
                ring = np.sin(2 * np.pi * base * ratio * time)
                wave[first:] += level * ring * np.exp(-9 * time)
    return wave


def _bark(rng: np.random.Generator, length: int) -> np.ndarray:
    """Rough bursts with a falling pitch."""
    wave = np.zeros(length)
    count = min(SAMPLE_RATE_HZ // 5, length)
    step = int(SAMPLE_RATE_HZ * rng.uniform(0.3, 0.45))
    for first in range(0, length, step):
        n = min(count, length - first)
        time = _time(n)
        pitch = rng.uniform(380, 520) * np.exp(-3 * time)
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE_HZ
        voice = np.tanh(3 * np.sin(phase)) + 0.4 * rng.normal(0, 1, n)
        wave[first : first + n] += 0.6 * voice * np.sin(np.pi * np.arange(n) / n)
    return wave


_VOICES = {
    'siren': _siren,
    'horn': _horn,
    'steps': _steps,
    'engine': _engine,
    'bicycle bell': _bell,
    'dog bark': _bark,
}
