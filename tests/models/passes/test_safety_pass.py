import pytest
import torch

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.models.passes import LevelTower, SafetyPass
from maxsight_mm.registry import MODELS


def test_pyramid_levels_have_strides_8_16_32():
    features = SafetyPass(depth=18, channels=16).eval()(torch.randn(2, 3, 64, 96))
    assert [tuple(x.shape) for x in features['pyramid']] == [
        (2, 16, 8, 12),
        (2, 16, 4, 6),
        (2, 16, 2, 3),
    ]
    assert features['points'].shape == (96 + 24 + 6, 2)
    assert features['strides'].unique().tolist() == [8, 16, 32]
    assert features['pooled'].shape == (2, 32)


def test_fused_level_is_p3_p4_p5_side_by_side():
    features = SafetyPass(channels=256, level_set='fused').eval()(
        torch.randn(1, 3, 224, 224)
    )
    assert [tuple(x.shape) for x in features['pyramid']] == [(1, 768, 14, 14)]
    assert features['strides'].unique().tolist() == [16]


def test_points_are_cell_centres_in_row_order():
    features = SafetyPass(depth=18, channels=16).eval()(torch.randn(1, 3, 64, 64))
    assert features['points'][:2].tolist() == [[4, 4], [12, 4]]
    assert features['points'][8].tolist() == [4, 12]


def test_any_size_is_taken():
    features = SafetyPass(depth=18, channels=16).eval()(torch.randn(1, 3, 70, 51))
    sizes = [x.shape[-2] * x.shape[-1] for x in features['pyramid']]
    assert len(features['points']) == sum(sizes)


def test_unknown_level_set_is_refused():
    with pytest.raises(ValueError, match='level_set'):
        SafetyPass(level_set='flat')


def test_a_backbone_cannot_be_plugged_in():
    with pytest.raises(TypeError, match='backbone'):
        SafetyPass(backbone=dict(type='ResNet', depth=101))


def test_t0_has_29_million_parameters_within_ten_percent():
    model = load_config('configs/tier_t0.py').model
    for level_set in ('pyramid', 'fused'):
        model.safety_pass.update(level_set=level_set)
        count = sum(p.numel() for p in MODELS.build(model).parameters())
        assert 26.1e6 <= count <= 31.9e6, level_set


def test_level_tower_normalises_each_level_by_itself():
    tower = LevelTower(4, 4, num_levels=2, depth=1, norm_cfg=dict(type='BN')).train()
    quiet = torch.randn(8, 4, 5, 5)
    both = tower((quiet, 100 * quiet))
    torch.testing.assert_close(both[0], both[1], rtol=1e-3, atol=1e-3)


def test_random_weights_are_never_frozen():
    for name, parameter in SafetyPass(depth=18, pretrained=None).named_parameters():
        assert parameter.requires_grad, name


def test_pretrained_stem_and_batch_norms_stay():
    safety_pass = SafetyPass(depth=18, pretrained='weights.pth').train()
    backbone = safety_pass.backbone
    assert not backbone.conv1.weight.requires_grad
    assert backbone.layer2[0].conv1.weight.requires_grad
    assert not backbone.layer2[0].bn1.weight.requires_grad
    assert not backbone.layer2[0].bn1.training


def test_padding_does_not_reach_the_pooled_feature():
    """An image alone and beside a larger one pools what lies in it."""
    safety_pass = SafetyPass(depth=18, channels=16).eval()
    image = torch.randn(1, 3, 64, 64)
    padded = torch.zeros(1, 3, 64, 128)
    padded[..., :64] = image
    with torch.no_grad():
        features = safety_pass(padded, [(64, 64)])
        everything = safety_pass(padded)['pooled']
    inside = features['points'][:, 0] < 64
    flat = torch.cat([x.flatten(2) for x in features['semantic']], dim=2)[..., inside]
    expected = torch.cat([flat.mean(2), flat.amax(2)], dim=1)
    torch.testing.assert_close(features['pooled'], expected)
    assert not torch.allclose(everything, expected)
