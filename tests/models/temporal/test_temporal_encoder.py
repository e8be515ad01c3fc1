import pytest
import torch

from maxsight_mm.models.temporal import TemporalEncoder
from maxsight_mm.registry import MODELS


def build(**settings):
    torch.manual_seed(0)
    settings = dict(
        in_channels=6,
        pooled_channels=7,
        num_layers=2,
        hidden_channels=8,
        embed_dims=16,
        num_heads=4,
        window=4,
        **settings,
    )
    encoder = MODELS.build(dict(type='TemporalEncoder', **settings)).eval()
    for parameter in encoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return encoder


def pyramid(length, batch=2):
    sizes = ((8, 12), (4, 6), (2, 3))
    return tuple(torch.randn(batch, length, 6, h, w) for h, w in sizes)


def test_shapes_are_those_of_the_contract():
    pooled = build()(pyramid(3), torch.ones(2, 3, dtype=torch.bool))
    assert pooled.shape == (2, 7)


@pytest.mark.parametrize('length', [1, 4, 9])
def test_stream_equals_the_clip(length):
    encoder, clip = build(), pyramid(length)
    pooled = encoder(clip)
    state = None
    for frame in clip[1].unbind(1):
        step_pooled, state = encoder.step(frame, state)
    torch.testing.assert_close(step_pooled, pooled, rtol=1e-5, atol=1e-5)


def test_short_clip_equals_its_padded_form():
    encoder, clip = build(), pyramid(2, batch=1)
    padded = tuple(torch.cat([x[:, :1], x[:, :1], x], dim=1) for x in clip)
    valid = torch.tensor([[False, False, True, True]])
    short = encoder(clip)
    torch.testing.assert_close(short, encoder(padded, valid), rtol=1e-5, atol=1e-5)
    assert not torch.allclose(encoder(clip), encoder(padded), atol=1e-3)


def test_default_has_38_million_parameters():
    with torch.device('meta'):
        count = sum(p.numel() for p in TemporalEncoder().parameters())
    assert 37e6 <= count <= 39e6


def test_gradients_reach_every_parameter():
    encoder = build()
    encoder(pyramid(3)).square().sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_learns_the_way_a_spot_moves():
    """Left or right cannot be told from the last frame alone."""
    torch.manual_seed(0)
    encoder = TemporalEncoder(1, 1, 1, 8, embed_dims=16, num_heads=2, window=3)
    encoder.init_weights()
    clips, labels = [], []
    for row in range(4):
        for columns in ((1, 2, 3), (5, 4, 3)):
            clip = torch.zeros(3, 1, 4, 7)
            for t, column in enumerate(columns):
                clip[t, 0, row, column] = 3.0
            clips.append(clip)
            labels.append(float(columns[0] < columns[-1]))
    clip, label = torch.stack(clips), torch.tensor(labels)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=0.01)
    for _ in range(80):
        logits = encoder((clip, clip, clip)).squeeze(1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_autocast_gives_finite_answers_in_clip_and_stream(dtype):
    encoder, clip = build(), pyramid(3)
    with torch.no_grad(), torch.autocast('cpu', dtype=dtype):
        whole = encoder(clip)
        state = None
        for frame in clip[1].unbind(1):
            pooled, state = encoder.step(frame, state)
    assert torch.isfinite(whole).all() and torch.isfinite(pooled).all()
