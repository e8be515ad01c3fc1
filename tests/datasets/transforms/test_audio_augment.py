import numpy as np
import pytest

from maxsight_mm.datasets.transforms.audio_augment import pitch_shift, time_stretch
from maxsight_mm.registry import TRANSFORMS

RATE = 16_000
NAMES = (
    'AudioGain',
    'AudioNoise',
    'AudioPitchShift',
    'AudioTimeShift',
    'AudioTimeStretch',
)


def tone(hz=500.0, seconds=1.0):
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def pitch_of(wave):
    middle = wave[0, 4000:12_000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return spectrum.argmax() * RATE / len(middle)


def delay_of(audio):
    left, right = audio[:, 2000:-2000]
    return max(
        range(-20, 21), key=lambda k: np.dot(left[20:-20], np.roll(right, k)[20:-20])
    )


def run(name, audio, **options):
    results = {'audio': audio.copy(), 'audio_rate_hz': RATE}
    return TRANSFORMS.build(dict(type=name, prob=1.0, **options))(results)['audio']


@pytest.mark.parametrize('name', NAMES)
def test_keeps_shape_and_type_and_repeats_with_the_seed(name):
    outs = []
    for _ in range(2):
        np.random.seed(0)
        outs.append(run(name, tone()))
    assert outs[0].shape == (2, RATE) and outs[0].dtype == np.float32
    np.testing.assert_array_equal(*outs)
    assert not np.array_equal(outs[0], tone())


@pytest.mark.parametrize('name', NAMES)
def test_sample_without_sound_passes_unchanged(name):
    transform = TRANSFORMS.build(dict(type=name, prob=1.0))
    assert transform({}) == {}
    empty = transform({'audio': np.zeros((2, 0), np.float32)})
    assert empty['audio'].shape == (2, 0)


@pytest.mark.parametrize('name', NAMES)
def test_silence_and_single_samples_stay_finite(name):
    assert (run(name, np.zeros((2, 4000), np.float32)) == 0).all()
    assert np.isfinite(run(name, np.full((2, 1), 0.5, np.float32))).all()


@pytest.mark.parametrize('name', NAMES)
def test_probability_zero_changes_nothing(name):
    transform = TRANSFORMS.build(dict(type=name, prob=0.0))
    np.testing.assert_array_equal(transform({'audio': tone()})['audio'], tone())


@pytest.mark.parametrize('rate', [0.8, 1.0, 1.2])
def test_stretch_changes_length_and_not_pitch(rate):
    out = time_stretch(tone(), rate)
    assert out.shape[1] == round(RATE / rate)
    assert abs(pitch_of(out) - 500) <= 4
    level = np.abs(out[0, 4000:9000]).max()
    assert 0.4 < level < 0.6


def test_stretch_by_one_gives_the_sound_back():
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 8000))
    np.testing.assert_allclose(
        time_stretch(noise, 1.0)[:, 600:7000], noise[:, 600:7000], atol=1e-6
    )


@pytest.mark.parametrize('rate', [0.8, 1.2])
@pytest.mark.parametrize('delay', [-8, 5])
def test_stretch_keeps_the_delay_between_the_ears(rate, delay):
    wave = np.convolve(np.random.default_rng(0).normal(0, 1, RATE), np.ones(8) / 8)
    audio = np.stack([np.roll(wave, delay), wave])
    assert delay_of(audio) == delay
    assert abs(delay_of(time_stretch(audio, rate)) - delay) <= 1


@pytest.mark.parametrize('semitones', [-2, 0, 2])
def test_pitch_shift_keeps_the_length(semitones):
    out = pitch_shift(tone(), semitones)
    assert out.shape == (2, RATE)
    assert abs(pitch_of(out) - 500 * 2 ** (semitones / 12)) <= 4


def test_shift_leaves_zeros_and_wraps_nothing_around():
    audio = np.arange(1, 2001, dtype=np.float32)[None].repeat(2, 0)
    np.random.seed(0)
    seen = set()
    for _ in range(8):
        out = run('AudioTimeShift', audio, max_shift_s=0.05)[0]
        zeros = int((out == 0).sum())
        later = out[0] == 0
        kept = out[zeros:] if later else out[: len(out) - zeros]
        expected = audio[0, : 2000 - zeros] if later else audio[0, zeros:]
        np.testing.assert_array_equal(kept, expected)
        assert zeros <= 800
        seen.add(bool(later))
    assert seen == {True, False}


def test_noise_has_the_ratio_that_was_asked_for():
    noise = run('AudioNoise', tone(), snr_db=(20, 20)) - tone()
    ratio = np.mean(tone() ** 2) / np.mean(noise**2)
    assert 10 * np.log10(ratio) == pytest.approx(20, abs=0.2)
    assert abs(np.corrcoef(noise)[0, 1]) < 0.05


def test_gain_in_decibels_and_without_clipping():
    np.testing.assert_allclose(
        run('AudioGain', tone(), gain_db=(-6, -6)), tone() * 0.5012, atol=1e-4
    )
    assert np.abs(run('AudioGain', tone() * 1.8, gain_db=(6, 6))).max() <= 1.0001


@pytest.mark.parametrize(
    ('name', 'options', 'start_s'),
    [('AudioTimeStretch', dict(rate=(0.5, 0.5)), 2.4)],
)
def test_times_of_sounds_follow_from_the_loaded_stretch_on(name, options, start_s):
    sounds = [{'label': 'horn', 'start_s': 2.2, 'end_s': 2.3}]
    results = {
        'audio': tone(),
        'audio_start_s': 2.0,
        'gt_tasks': {'sounds': sounds},
    }
    out = TRANSFORMS.build(dict(type=name, prob=1.0, **options))(results)
    assert out['gt_tasks']['sounds'][0]['start_s'] == pytest.approx(start_s)
    assert sounds[0]['start_s'] == 2.2


@pytest.mark.parametrize(
    'config',
    [
        dict(type='AudioGain', gain_db=(6, -6)),
        dict(type='AudioNoise', prob=2),
        dict(type='AudioTimeStretch', rate=(0.0, 1.0)),
    ],
)
def test_bad_ranges_are_refused(config):
    with pytest.raises(ValueError, match='Audio'):
        TRANSFORMS.build(config)
