import copy

import pytest
import torch
from torch import nn

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.models.passes import ContextPass
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle

HYBRID = dict(
    depth=18,
    base_channels=16,
    vit=dict(image_size=64, embed_dims=32, depth=2, num_heads=2),
    link_blocks=(0, 1),
    dynamic_blocks=1,
    dynamic_kernels=2,
)
SHAPES = {
    'context_fine': (2, 16, 24, 32),
    'context_tokens': (2, 48, 24),
    'context_pooled': (2, 24),
}


@MODELS.register_module(force=True)
class ToyTemporal(nn.Module):
    def __init__(self, in_channels: int, pooled_channels: int) -> None:
        super().__init__()
        self.pool = nn.Linear(in_channels, pooled_channels)

    def forward(self, clip, valid):
        latest = clip[1][:, -1]
        return self.pool(latest.mean(dim=(2, 3)))


@MODELS.register_module(force=True)
class ToyAudio(nn.Module):
    def __init__(self, pooled_channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(3, pooled_channels)

    def forward(self, features):
        return self.linear(features['audio_input'])


@MODELS.register_module(force=True)
class ToyFusion(nn.Module):
    def forward(self, tokens, pooled, heard, valid):
        return heard * valid[:, None]


def build(**kwargs) -> ContextPass:
    torch.manual_seed(0)
    settings = dict(
        type='ContextPass',
        safety_channels=8,
        attention=dict(num_blocks=1),
        channels=16,
        pooled_channels=24,
    )
    context = MODELS.build(settings | kwargs)
    context.init_weights()
    return context


def bundle(height=96, width=128, **more) -> FeatureBundle:
    torch.manual_seed(1)
    levels = tuple(
        torch.randn(2, 8, -(-height // s), -(-width // s), requires_grad=True)
        for s in (8, 16, 32)
    )
    images = torch.randn(2, 3, height, width)
    return FeatureBundle(images=images, pyramid=levels, **more)


def clip() -> dict:
    shapes = ((12, 16), (6, 8), (3, 4))
    return dict(
        clip_pyramid=tuple(torch.randn(2, 4, 8, *shape) for shape in shapes),
        frames_valid=torch.ones(2, 4, dtype=torch.bool),
    )


@pytest.mark.parametrize('hybrid', [None, HYBRID], ids=['attention', 'hybrid'])
def test_shapes_and_channels(hybrid):
    context, features = build(hybrid=hybrid), bundle()
    context.eval()(features)
    assert {name: tuple(features[name].shape) for name in SHAPES} == SHAPES
    assert [tuple(x.shape) for x in features['context_pyramid']] == [
        (2, 16, 12, 16),
        (2, 16, 6, 8),
        (2, 16, 3, 4),
    ]
    for name in ('context_fine', 'context_pooled'):
        assert context.feature_channels[name] == features[name].shape[1]
    assert context.feature_channels['context_tokens'] == 24


@pytest.mark.parametrize('hybrid', [None, HYBRID], ids=['attention', 'hybrid'])
def test_adds_keys_and_touches_none(hybrid):
    features = bundle()
    before = copy.deepcopy(dict(features))
    build(hybrid=hybrid)(features)
    assert set(features) - set(before) == {*SHAPES, 'context_pyramid'}
    assert torch.equal(features['images'], before['images'])
    for level, old in zip(features['pyramid'], before['pyramid'], strict=True):
        assert torch.equal(level, old)


def test_no_gradient_reaches_the_safety_features():
    context = build(hybrid=HYBRID, temporal=dict(type='ToyTemporal'))
    moving = clip()
    for level in moving['clip_pyramid']:
        level.requires_grad_()
    features = bundle(**moving)
    context(features)
    names = ('context_fine', 'context_tokens', 'context_pooled')
    total = sum(features[name].square().sum() for name in names)
    (total + sum(x.square().sum() for x in features['context_pyramid'])).backward()
    assert all(x.grad is None for x in features['pyramid'] + features['clip_pyramid'])
    assert all(p.grad is not None for p in context.parameters())


@pytest.mark.parametrize('hybrid', [None, HYBRID], ids=['attention', 'hybrid'])
def test_any_size_is_taken(hybrid):
    features = bundle(70, 51)
    build(hybrid=hybrid).eval()(features)
    assert features['context_fine'].shape[-2:] == (18, 13)
    assert features['context_tokens'].shape[1] == 5 * 4


def test_fused_level_set_is_refused():
    features = FeatureBundle(
        images=torch.randn(1, 3, 64, 64), pyramid=(torch.randn(1, 8, 4, 4),)
    )
    with pytest.raises(ValueError, match="level_set='pyramid'"):
        build()(features)


def test_clip_adds_its_features():
    context = build(temporal=dict(type='ToyTemporal')).eval()
    assert context.needs_clip
    moving, still = bundle(**clip()), bundle()
    context(moving)
    context(still)
    torch.testing.assert_close(
        moving['context_pooled'],
        still['context_pooled'] + 0.1 * moving['temporal_pooled'],
    )
    assert 'temporal_pooled' not in still


def test_only_valid_sound_changes_the_pooled_feature():
    context = build(
        audio=dict(type='ToyAudio'), audio_fusion=dict(type='ToyFusion')
    ).eval()
    heard = bundle(
        audio_input=torch.randn(2, 3), audio_valid=torch.tensor([True, False])
    )
    unsure = bundle(audio_input=torch.randn(2, 3))
    silent = bundle()
    for features in (heard, unsure, silent):
        context(features)
    expected = silent['context_pooled'].clone()
    assert torch.equal(unsure['context_pooled'], expected)
    expected[0] += heard['audio_pooled'][0]
    torch.testing.assert_close(heard['context_pooled'], expected)
    assert 'audio_pooled' not in silent


def test_autocast_stays_finite():
    features = bundle()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        build(hybrid=HYBRID, cross_task=dict(tasks=['glare']))(features)
    for name in SHAPES:
        assert features[name].isfinite().all(), name


def test_sound_without_its_fusion_is_refused():
    with pytest.raises(ValueError, match='go together'):
        build(audio=dict(type='ToyAudio'))


def test_tasks_get_tokens():
    features = bundle()
    build(cross_task=dict(tasks=['glare'], num_layers=1))(features)
    assert features['task_tokens']['glare'].shape == (2, 24)


def test_condition_changes_context_features_alone():
    context = build(condition=dict()).eval()
    nn.init.normal_(context.map_film.modulation.weight)
    nn.init.normal_(context.pooled_film.modulation.weight)
    severity = torch.zeros(2, 13)
    severity[1, 0] = 0.5
    plain, seen = bundle(), bundle(viewer_condition=severity)
    context(plain)
    context(seen)
    for name in SHAPES:
        assert torch.equal(plain[name][0], seen[name][0]), name
        assert not torch.allclose(plain[name][1], seen[name][1]), name
    for level, old in zip(seen['pyramid'], plain['pyramid'], strict=True):
        assert torch.equal(level, old)


def test_it_learns_a_map_and_a_number():
    """Brightness of each place, and of the left half, from the images alone."""
    context = build().train()
    to_map, to_number = nn.Conv2d(16, 1, 1), nn.Linear(24, 1)
    parts = nn.ModuleList([context, to_map, to_number])
    optimizer = torch.optim.Adam(parts.parameters(), lr=3e-3)
    torch.manual_seed(2)
    images = nn.functional.interpolate(torch.randn(4, 3, 4, 4), size=(64, 64))
    pyramid = tuple(
        nn.functional.adaptive_avg_pool2d(images, 64 // s).repeat(1, 3, 1, 1)[:, :8]
        for s in (8, 16, 32)
    )
    wanted_map = nn.functional.adaptive_avg_pool2d(images.mean(1, True), 16)
    wanted_number = images[..., :32].mean(dim=(1, 2, 3))
    errors = []
    for _ in range(40):
        features = FeatureBundle(images=images, pyramid=pyramid)
        context(features)
        of_map = (to_map(features['context_fine']) - wanted_map).square().mean()
        number = to_number(features['context_pooled'])[:, 0]
        of_number = (number - wanted_number).square().mean()
        optimizer.zero_grad()
        (of_map + of_number).backward()
        optimizer.step()
        errors.append((of_map.item(), of_number.item()))
    assert errors[-1][0] < 0.1 * wanted_map.var()
    assert errors[-1][1] < 0.2 * wanted_number.var()


@pytest.mark.parametrize(('name', 'millions'), [('tier_t1', 15.5), ('tier_t2', 170.9)])
def test_pass_of_a_tier_has_the_stated_number_of_parameters(name, millions):
    config = load_config(f'configs/{name}.py')
    with torch.device('meta'):
        context = MODELS.build(
            dict(config.model.context_stage.context_pass, safety_channels=256)
        )
    count = sum(p.numel() for p in context.parameters())
    assert count / 1e6 == pytest.approx(millions, abs=0.1)


@pytest.mark.parametrize('name', ['street_t2', 'street_t5'])
def test_pass_of_a_demo_is_small(name):
    config = load_config(f'configs/demo/{name}.py')
    context = MODELS.build(
        dict(config.model.context_stage.context_pass, safety_channels=64)
    )
    assert sum(p.numel() for p in context.parameters()) < 8e6


def test_padding_stays_out_of_the_pooled_feature():
    levels = [torch.rand(1, 16, 96 // s, 128 // s) - 0.5 for s in (8, 16, 32)]
    padded = [nn.functional.pad(level, (0, 4, 0, 2), value=9.0) for level in levels]
    context = build().eval()
    sizes = torch.tensor([[96, 128]])
    _, alone = context._summary(tuple(levels), None)
    _, cut = context._summary(tuple(padded), sizes)
    _, whole = context._summary(tuple(padded), None)
    torch.testing.assert_close(cut, alone)
    assert not torch.allclose(whole, alone)


@pytest.mark.parametrize('size', [(1, 1), (96, 128)])
def test_any_size_within_the_batch_is_pooled(size):
    features = bundle(image_sizes=torch.tensor([size, (96, 128)]))
    whole = bundle()
    context = build().eval()
    context(features)
    context(whole)
    assert features['context_pooled'].isfinite().all()
    torch.testing.assert_close(
        features['context_pooled'][1], whole['context_pooled'][1]
    )
