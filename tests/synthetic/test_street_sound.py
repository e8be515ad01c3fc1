"""The direction of street sounds can be heard out of the two channels."""

import math

import numpy as np
import pytest

from maxsight_mm.synthetic.street import (
    SAMPLE_RATE_HZ,
    SOUND_LABELS,
    StreetConfig,
    StreetWorld,
)
from maxsight_mm.synthetic.street_sound import interaural_delay_s

UPSAMPLING = 8


@pytest.fixture(scope='module')
def sounds():
    world = StreetWorld(StreetConfig(height=64, width=64))
    return [world.sound(seed, 1.0) for seed in range(160)]


def measured_delay_s(left, right):
    """Lag of the left channel behind the right one, by cross-correlation."""
    size = 4 * len(left)
    cross = np.fft.rfft(left, size) * np.conj(np.fft.rfft(right, size))
    wave = np.fft.irfft(cross, size * UPSAMPLING)
    reach = int(0.001 * SAMPLE_RATE_HZ * UPSAMPLING)
    lags = np.arange(-reach, reach + 1)
    return lags[np.argmax(wave[lags])] / (SAMPLE_RATE_HZ * UPSAMPLING)


def single(sounds, labels):
    return [
        (wave, events[0])
        for wave, events in sounds
        if len(events) == 1 and events[0].label in labels
    ]


def test_woodworth_delay_of_a_source_at_the_side():
    assert interaural_delay_s(0) == 0
    expected = 0.0875 / 343 * (math.pi / 2 + 1)
    assert interaural_delay_s(90) == pytest.approx(expected)
    assert interaural_delay_s(-30) == -interaural_delay_s(30)


def test_waveforms_are_stereo_float_within_one(sounds):
    for wave, events in sounds:
        assert wave.shape == (2, SAMPLE_RATE_HZ) and wave.dtype == np.float32
        assert np.abs(wave).max() <= 1 and np.abs(wave).max() > 0
        for event in events:
            assert -90 <= event.azimuth_deg <= 90
            assert 0 <= event.start_s < event.end_s <= 1


def test_all_sounds_occur_and_some_scenes_are_silent(sounds):
    heard = {event.label for _, events in sounds for event in events}
    assert heard == set(SOUND_LABELS)
    assert any(not events for _, events in sounds)


def test_the_same_seed_sounds_the_same():
    world = StreetWorld(StreetConfig(height=64, width=64))
    (first, events), (second, again) = world.sound(5), world.sound(5)
    np.testing.assert_array_equal(first, second)
    assert events == again


def test_direction_is_heard_by_delay_and_level(sounds):
    """Broad-band sounds of one source: delay to a sample, level to 1.5 dB."""
    found = single(sounds, ('siren', 'horn', 'engine', 'dog bark', 'steps'))
    checked = 0
    for wave, event in found:
        first, last = (int(t * SAMPLE_RATE_HZ) for t in (event.start_s, event.end_s))
        left, right = wave[:, first:last].astype(float)
        power = np.sqrt((wave**2).mean(1))
        if power.min() < 0.01:
            continue
        checked += 1
        delay = measured_delay_s(left, right)
        assert delay == pytest.approx(
            interaural_delay_s(event.azimuth_deg), abs=1.1 / SAMPLE_RATE_HZ
        ), event
        level = 20 * math.log10(np.sqrt((right**2).mean()) / np.sqrt((left**2).mean()))
        expected = 8 * math.sin(math.radians(event.azimuth_deg))
        assert level == pytest.approx(expected, abs=1.5), event
    assert checked >= 10


def test_sources_in_sight_are_tracks_of_the_frame():
    world = StreetWorld(StreetConfig(height=240, width=320))
    matched = 0
    for seed in range(40):
        _, events = world.sound(seed)
        frame = world.frame(seed)
        for event in events:
            at = np.flatnonzero(frame.track_ids == event.track_id)
            if event.track_id < 0 or not len(at):
                continue
            x0, _, x1, _ = frame.boxes[at[0]]
            direction = frame.camera_to_world[:3, 2]
            yaw = math.degrees(math.atan2(direction[0], direction[2]))
            seen = (x0 + x1) / 2 - (frame.image.shape[1] - 1) / 2
            azimuth = yaw + math.degrees(math.atan(seen / frame.focal_px))
            whole = (
                x0 > 0 and x1 < frame.image.shape[1] and frame.visibility[at[0]] > 0.9
            )
            if whole and frame.distances_m[at[0]] > 4:
                assert event.azimuth_deg == pytest.approx(azimuth, abs=6)
                matched += 1
    assert matched >= 5
