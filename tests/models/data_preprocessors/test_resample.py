import numpy as np
import pytest
import torch

from maxsight_mm.models.data_preprocessors import resample


def tone(hz, rate, seconds=0.2):
    return torch.sin(2 * np.pi * hz * torch.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize('rate', [8_000, 22_050, 44_100, 48_000])
def test_tone_keeps_its_pitch_and_moment(rate):
    out = resample(tone(440, rate), rate, 16_000)
    expected = tone(440, 16_000)
    assert out.shape == expected.shape
    torch.testing.assert_close(out[400:-400], expected[400:-400], atol=5e-3, rtol=0)


def test_what_lies_above_the_half_rate_is_taken_out():
    out = resample(tone(12_000, 44_100), 44_100, 16_000)
    assert out[400:-400].abs().max() < 5e-3


def test_same_rate_is_the_same_sound():
    wave = torch.rand(2, 3, 50)
    assert resample(wave, 16_000, 16_000) is wave


def test_leading_shape_and_length():
    assert resample(torch.zeros(2, 3, 441), 44_100, 16_000).shape == (2, 3, 160)


def test_rate_of_zero_is_refused():
    with pytest.raises(ValueError, match='above 0'):
        resample(torch.zeros(4), 0, 16_000)
