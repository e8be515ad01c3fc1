import torch

from maxsight_mm.models.backbones import AudioEncoder
from maxsight_mm.models.fusion import AudioVisualFusion
from maxsight_mm.structures import FeatureBundle

D = 16


def inputs(batch=3, length=6):
    generator = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(*shape, generator=generator)

    valid = torch.ones(batch, dtype=torch.bool)
    return draw(batch, length, D), draw(batch, D), draw(batch, D), valid


def test_adds_one_vector_a_sample():
    added = AudioVisualFusion(D, num_heads=4)(*inputs())
    assert added.shape == (3, D)
    assert added.ne(0).any(1).all()


def test_invalid_sound_adds_exactly_nothing_whatever_it_holds():
    fusion = AudioVisualFusion(D, num_heads=4)
    tokens, pooled, sound, valid = inputs()
    whole = fusion(tokens, pooled, sound, valid)
    sound[1], valid[1] = float('nan'), False
    part = fusion(tokens, pooled, sound, valid)
    assert (part[1] == 0).all()
    assert torch.equal(part[[0, 2]], whole[[0, 2]])
    assert torch.equal(pooled[1] + part[1], pooled[1])
    part.sum().backward()
    assert all(p.grad.isfinite().all() for p in fusion.parameters())


def test_sound_dropped_by_the_encoder_adds_exactly_nothing():
    encoder = AudioEncoder(D, 32, 1, 4, modality_dropout=1.0)
    bundle = FeatureBundle(
        audio_frames=torch.randn(3, 20, 64),
        audio_mfcc=torch.randn(3, 128),
        audio_spatial=torch.randn(3, 107),
        audio_valid=torch.ones(3, dtype=torch.bool),
    )
    tokens, pooled, _, valid = inputs()
    added = AudioVisualFusion(D, num_heads=4)(tokens, pooled, encoder(bundle), valid)
    assert (added == 0).all()


def test_the_addition_depends_on_sound_and_on_picture():
    fusion = AudioVisualFusion(D, num_heads=4).eval()
    first = inputs()
    base = fusion(*first)
    for index in range(3):
        changed = list(first)
        changed[index] = changed[index].flip(-1)
        assert (fusion(*changed) - base).abs().max() > 1e-4


def test_gradients_reach_every_parameter():
    fusion = AudioVisualFusion(D, num_heads=4)
    (fusion(*inputs()) * torch.randn(3, D)).sum().backward()
    for name, parameter in fusion.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_full_width_has_twelve_to_fourteen_million_parameters():
    with torch.device('meta'):
        fusion = AudioVisualFusion()
    assert 12e6 < sum(p.numel() for p in fusion.parameters()) < 14e6
