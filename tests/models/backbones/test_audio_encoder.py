import pytest
import torch

from maxsight_mm.models.backbones import AudioEncoder
from maxsight_mm.structures import FeatureBundle

SMALL = dict(
    pooled_channels=16,
    token_channels=32,
    num_layers=1,
    num_heads=4,
    frame_channels=8,
    mfcc_channels=12,
    spatial_channels=5,
)


def features(batch=3, frames=21, valid=True):
    generator = torch.Generator().manual_seed(0)
    return FeatureBundle(
        audio_frames=torch.randn(batch, frames, 8, generator=generator),
        audio_mfcc=torch.randn(batch, 12, generator=generator),
        audio_spatial=torch.randn(batch, 5, generator=generator),
        audio_valid=torch.full((batch,), valid),
    )


@pytest.mark.parametrize('frames', [1, 2, 21, 101])
def test_any_length_gives_one_vector(frames):
    pooled = AudioEncoder(**SMALL).eval()(features(frames=frames))
    assert pooled.shape == (3, 16)
    assert pooled.isfinite().all()


def test_missing_sound_is_exactly_zero_and_harms_no_other():
    encoder = AudioEncoder(**SMALL).eval()
    bundle = features()
    whole = encoder(bundle)
    bundle['audio_valid'][1] = False
    part = encoder(bundle)
    assert (part[1] == 0).all()
    assert torch.equal(part[[0, 2]], whole[[0, 2]])


def test_dropped_sounds_are_zero_in_training_only():
    torch.manual_seed(0)
    encoder = AudioEncoder(**SMALL, modality_dropout=0.5)
    heard = encoder(features(batch=400)).ne(0).any(1)
    assert 0.4 < heard.float().mean() < 0.6
    assert encoder.eval()(features(batch=400)).ne(0).any(1).all()
    encoder = AudioEncoder(**SMALL, modality_dropout=1.0)
    assert (encoder(features()) == 0).all()


def test_order_in_time_matters():
    encoder = AudioEncoder(**SMALL).eval()
    bundle = features(frames=40)
    back = FeatureBundle(bundle)
    dict.__setitem__(back, 'audio_frames', bundle['audio_frames'].flip(1))
    assert (encoder(bundle) - encoder(back)).abs().max() > 1e-3


def test_gradients_reach_every_parameter():
    encoder = AudioEncoder(**SMALL, modality_dropout=0.0)
    (encoder(features()) * torch.randn(3, 16)).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_full_width_has_fourteen_to_sixteen_million_parameters():
    with torch.device('meta'):
        encoder = AudioEncoder()
    assert 14e6 < sum(p.numel() for p in encoder.parameters()) < 16e6


@pytest.mark.parametrize(
    ('option', 'message'),
    [(dict(modality_dropout=1.5), 'must lie in'), (dict(token_channels=33), 'even')],
)
def test_bad_options_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        AudioEncoder(**(SMALL | option))
