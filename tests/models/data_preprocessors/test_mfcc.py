import numpy as np
import pytest
import torch
from scipy.fft import dct

from maxsight_mm.models.data_preprocessors.mfcc import (
    MFCC,
    dct_matrix,
    hz_to_mel,
    mel_filterbank,
    mel_to_hz,
    preemphasise,
)


def chirp(seconds=1.0, rate=16_000):
    t = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(0).normal(0, 0.01, t.shape)
    wave = 0.5 * np.sin(2 * np.pi * (200 * t + 1500 * t**2)) + noise
    return wave.astype(np.float32)


@pytest.mark.parametrize('htk', [False, True])
def test_agrees_with_librosa(htk):
    librosa = pytest.importorskip('librosa')
    wave = chirp()
    emphasised = librosa.effects.preemphasis(wave, coef=0.97, zi=np.zeros(1))
    power = librosa.feature.melspectrogram(
        y=emphasised,
        sr=16_000,
        n_fft=512,
        win_length=400,
        hop_length=160,
        window='hamming',
        center=True,
        pad_mode='constant',
        n_mels=40,
        htk=htk,
        norm='slaney',
    )
    log_mel = np.log(np.maximum(power, 1e-10))
    expected = librosa.feature.mfcc(S=log_mel, n_mfcc=13, dct_type=2, norm='ortho').T
    module = MFCC(num_mels=40, num_coefficients=13, htk=htk)
    got = module(torch.from_numpy(wave)[None])[0].numpy()
    assert got.shape == (101, 13)
    assert np.linalg.norm(got - expected) / np.linalg.norm(expected) < 1e-3
    mel = module.log_mel(torch.from_numpy(wave)[None])[0].numpy().T
    assert np.linalg.norm(mel - log_mel) / np.linalg.norm(log_mel) < 1e-3


def test_dct_agrees_with_scipy():
    x = np.random.default_rng(0).normal(size=(3, 20)).astype(np.float32)
    expected = dct(x, type=2, norm='ortho')[:, :7]
    np.testing.assert_allclose(x @ dct_matrix(7, 20).numpy().T, expected, atol=1e-5)


def test_preemphasis_by_hand():
    out = preemphasise(torch.tensor([[1.0, 1.0, 0.0]]))
    torch.testing.assert_close(out, torch.tensor([[1.0, 0.03, -0.97]]))


@pytest.mark.parametrize('htk', [False, True])
def test_mel_scale_goes_there_and_back(htk):
    hz = torch.tensor([0.0, 100, 999, 1000, 4000, 8000], dtype=torch.float64)
    torch.testing.assert_close(mel_to_hz(hz_to_mel(hz, htk), htk), hz)


def test_htk_thousand_hertz_is_thousand_mel():
    assert hz_to_mel(torch.tensor(1000.0), htk=True).item() == pytest.approx(1000, 1e-3)


def test_filters_have_unit_area():
    bank = mel_filterbank(8, 4096, 16_000)
    torch.testing.assert_close(
        bank.sum(1) * 16_000 / 4096, torch.ones(8), atol=1e-2, rtol=0
    )


def test_silence_lies_at_the_floor():
    log_mel = MFCC().log_mel(torch.zeros(1, 800))
    assert log_mel.unique().tolist() == pytest.approx([np.log(1e-10)])


def test_more_coefficients_than_bands_are_refused():
    with pytest.raises(ValueError, match='num_coefficients must be 1 to num_mels'):
        MFCC(num_mels=8, num_coefficients=9)
