import sys

import numpy as np
import pytest
from scipy.io import wavfile

from maxsight_mm.datasets.safe_audio import InvalidAudioError, read_sound, resampled


@pytest.mark.parametrize(
    ('samples', 'expected'),
    [
        (np.array([0, 128, 255], np.uint8), [-1, 0, 127 / 128]),
        (np.array([-32768, 0, 16384], np.int16), [-1, 0, 0.5]),
        (np.array([-(2**31), 0, 2**30], np.int32), [-1, 0, 0.5]),
        (np.array([-1, 0, 0.5], np.float32), [-1, 0, 0.5]),
    ],
)
def test_every_kind_of_wav_lies_in_minus_one_to_one(tmp_path, samples, expected):
    wavfile.write(tmp_path / 'a.wav', 8000, samples)
    wave, rate_hz = read_sound(str(tmp_path / 'a.wav'))
    assert rate_hz == 8000
    assert wave.dtype == np.float32
    assert wave.tolist() == [expected]


def test_channels_come_first(tmp_path):
    samples = np.array([[1, 2], [3, 4], [5, 6]], np.int16)
    wavfile.write(tmp_path / 'a.wav', 8000, samples)
    assert (read_sound(str(tmp_path / 'a.wav'))[0] * 32768).tolist() == [
        [1, 3, 5],
        [2, 4, 6],
    ]


@pytest.mark.parametrize('content', [b'', b'RIFF', b'RIFF\x24\0\0\0WAVEfmt \x10'])
def test_broken_wav_is_one_line(tmp_path, content):
    path = tmp_path / 'a.wav'
    path.write_bytes(content)
    with pytest.raises(InvalidAudioError, match=r'a\.wav: ') as caught:
        read_sound(str(path))
    assert '\n' not in str(caught.value)


def test_absent_file_is_named(tmp_path):
    with pytest.raises(InvalidAudioError, match=r'b\.wav: no such sound file'):
        read_sound(str(tmp_path / 'b.wav'))


def test_other_formats_name_the_extra_that_reads_them(tmp_path, monkeypatch):
    (tmp_path / 'a.ogg').write_bytes(b'OggS')
    monkeypatch.setitem(sys.modules, 'soundfile', None)
    with pytest.raises(ModuleNotFoundError, match=r'maxsight_mm\[audio\]'):
        read_sound(str(tmp_path / 'a.ogg'))


def test_ogg_is_read_where_soundfile_is(tmp_path):
    soundfile = pytest.importorskip('soundfile')
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    soundfile.write(tmp_path / 'a.ogg', tone, 8000)
    wave, rate_hz = read_sound(str(tmp_path / 'a.ogg'))
    assert (wave.shape, rate_hz) == ((1, 8000), 8000)
    assert np.abs(wave[0] - tone).mean() < 0.05
    (tmp_path / 'b.ogg').write_bytes(b'no sound')
    with pytest.raises(InvalidAudioError, match=r'b\.ogg: not a readable sound'):
        read_sound(str(tmp_path / 'b.ogg'))


@pytest.mark.parametrize('rate_hz', [8000, 22_050, 44_100, 48_000])
def test_resampling_keeps_a_tone(rate_hz):
    tone = np.sin(2 * np.pi * 500 * np.arange(rate_hz) / rate_hz)[None]
    at_16k = resampled(tone.astype(np.float32), rate_hz, 16_000)
    expected = np.sin(2 * np.pi * 500 * np.arange(16_000) / 16_000)
    assert at_16k.shape == (1, 16_000)
    assert np.abs(at_16k[0] - expected)[500:-500].max() < 0.01
