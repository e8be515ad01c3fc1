import warnings

import numpy as np
import pytest
import torch

from maxsight_mm.models.data_preprocessors import AudioFeatures
from maxsight_mm.models.data_preprocessors.audio_features import segment_statistics

RATE = 16_000


def noise(batch=2, channels=2, length=RATE, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, channels, length, generator=generator) * 0.1


def delayed(samples, gain=1.0):
    """(1, 2, n) white noise; the left ear hears it later, the right one louder."""
    wave = noise(1, 1)[0, 0]
    left, right = wave.roll(max(samples, 0)), wave.roll(max(-samples, 0))
    return torch.stack([left, gain * right])[None]


def lags(features, band):
    return features['audio_spatial'][0, band * 33 : band * 33 + 33]


def test_shapes_are_the_declared_ones():
    module = AudioFeatures()
    features = module(noise())
    assert features['audio_frames'].shape == (2, 101, 64)
    assert features['audio_mfcc'].shape == (2, 128)
    assert features['audio_spatial'].shape == (2, 107)
    assert features['audio_valid'].all()
    for name, channels in module.feature_channels.items():
        assert features[name].shape[-1] == channels
        assert features[name].dtype == torch.float32


@pytest.mark.parametrize('samples', [-10, -3, 0, 4, 10])
@pytest.mark.parametrize('band', [0, 1, 2])
def test_lag_peak_is_the_delay_of_the_left_ear(samples, band):
    wave = delayed(samples) + 1e-4 * noise(1)
    peak = lags(AudioFeatures()(wave), band)
    assert peak.argmax().item() == 16 + samples
    assert peak.abs().max() <= 1.001


def test_level_difference_in_decibels():
    levels = AudioFeatures()(delayed(0, gain=2.0))['audio_spatial'][0, 99:]
    torch.testing.assert_close(levels, torch.full((8,), 0.602), atol=0.01, rtol=0)


def test_swapped_ears_mirror_the_cues():
    module, wave = AudioFeatures(), delayed(5, gain=1.5)
    first, second = module(wave), module(wave.flip(1))
    for band in range(3):
        torch.testing.assert_close(
            lags(first, band).flip(0), lags(second, band), atol=1e-5, rtol=0
        )
    torch.testing.assert_close(
        first['audio_spatial'][:, 99:], -second['audio_spatial'][:, 99:]
    )
    torch.testing.assert_close(first['audio_frames'], second['audio_frames'])


def test_silence_is_valid_and_has_no_direction():
    features = AudioFeatures()(torch.zeros(1, 2, RATE))
    assert features['audio_valid'].all()
    assert (features['audio_spatial'] == 0).all()
    assert (features['audio_frames'] < -3).all()


def test_missing_sound_is_invalid_and_not_silence():
    features = AudioFeatures()(torch.zeros(2, 2, RATE), torch.tensor([True, False]))
    assert features['audio_valid'].tolist() == [True, False]
    assert (features['audio_frames'][1] == 0).all()
    assert (features['audio_frames'][0] != 0).all()


def test_broken_sound_is_counted_warned_of_once_and_harms_no_other():
    module, wave = AudioFeatures(), noise()
    clean = module(wave)
    wave[1, 0, 7] = float('nan')
    with pytest.warns(UserWarning, match='1 of 2 sounds'):
        features = module(wave)
    wave[1, 0, 7] = float('inf')
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        module(wave)
    assert module.num_nonfinite == 2
    assert features['audio_valid'].tolist() == [True, False]
    for name in module.feature_channels:
        torch.testing.assert_close(features[name][0], clean[name][0])
        assert (features[name][1] == 0).all()


@pytest.mark.parametrize('channels', [1, 2])
def test_mono_has_no_direction(channels):
    wave = noise(2, 1).expand(-1, channels, -1)
    features = AudioFeatures()(wave)
    assert (features['audio_spatial'] == 0).all()
    torch.testing.assert_close(
        features['audio_frames'], AudioFeatures()(noise(2, 1))['audio_frames']
    )


@pytest.mark.parametrize('length', [0, 1, 100])
def test_short_sounds_have_finite_features(length):
    features = AudioFeatures()(torch.ones(1, 2, length) * 0.1)
    assert features['audio_valid'].item() is (length > 0)
    assert all(value.isfinite().all() for value in features.values())


def test_other_rate_gives_nearly_the_same_features():
    def tone(rate):
        time = torch.arange(rate) / rate
        return torch.sin(2 * np.pi * 600 * time).expand(1, 2, -1) * 0.5

    module = AudioFeatures()
    there = module(tone(44_100), sample_rate_hz=44_100)['audio_frames']
    here = module(tone(16_000))['audio_frames']
    assert there.shape == here.shape
    # Away from the ends, where each rate cuts the tone in its own way.
    there, here = there[:, 3:-3], here[:, 3:-3]
    loud = here > 0
    assert loud.any()
    torch.testing.assert_close(there[loud], here[loud], atol=0.05, rtol=0)


def test_half_precision_is_computed_in_full():
    features = AudioFeatures()(noise().half())
    assert features['audio_frames'].dtype == torch.float32
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert AudioFeatures()(noise())['audio_frames'].dtype == torch.float32


def test_masks_work_in_training_only():
    module = AudioFeatures(time_mask=dict(max_width=20))
    torch.manual_seed(0)
    masked = module.train()(noise(8))['audio_frames']
    plain = module.eval()(noise(8))['audio_frames']
    assert (masked == 0).sum() > 64
    assert (plain != 0).all()


def test_segment_statistics_by_hand():
    frames = torch.tensor([[[0.0], [2.0], [5.0], [5.0]]])
    out = segment_statistics(frames, num_segments=2)
    assert out.tolist() == [[1.0, 1.0, 5.0, 0.0]]


def test_clip_vector_tells_order_apart():
    wave = noise(1)
    wave[..., : RATE // 2] *= 0.01
    module = AudioFeatures()
    forth, back = (module(w)['audio_mfcc'] for w in (wave, wave.flip(-1)))
    assert (forth - back).abs().max() > 1


def test_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r'must be \(B, 1 or 2, n\)'):
        AudioFeatures()(torch.zeros(2, RATE))
