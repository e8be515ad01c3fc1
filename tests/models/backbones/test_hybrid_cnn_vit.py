import pytest
import torch

from maxsight_mm.models.backbones import HybridCnnVit


def small_hybrid(**kwargs) -> HybridCnnVit:
    torch.manual_seed(0)
    settings = dict(
        channels=16,
        pooled_channels=24,
        depth=18,
        base_channels=16,
        vit=dict(image_size=64, embed_dims=32, depth=2, num_heads=2),
        link_blocks=(0, 1),
        dynamic_blocks=1,
        dynamic_kernels=2,
    )
    hybrid = HybridCnnVit(**settings | kwargs)
    hybrid.init_weights()
    return hybrid


def test_default_has_155_million_parameters():
    with torch.device('meta'):
        hybrid = HybridCnnVit()
    assert 153e6 < sum(p.numel() for p in hybrid.parameters()) < 158e6


@pytest.mark.parametrize('fusion', ['WeightedFusion', 'CrossAttentionFusion'])
@pytest.mark.parametrize('size', [(96, 128), (70, 51)])
def test_shapes_for_any_size(fusion, size):
    hybrid = small_hybrid(fusion=dict(type=fusion)).eval()
    pyramid, tokens, pooled = hybrid(torch.randn(2, 3, *size))
    strides = (4, 8, 16, 32)
    cells = [(-(-size[0] // s), -(-size[1] // s)) for s in strides]
    assert [tuple(level.shape) for level in pyramid] == [(2, 16, *c) for c in cells]
    assert tokens.shape == (2, cells[2][0] * cells[2][1], 24)
    assert pooled.shape == (2, 24)


def test_links_carry_both_ways():
    """Without the ViT the levels change, without the CNN the tokens do."""
    hybrid = small_hybrid().eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        before = hybrid(images)
        hybrid.to_cnn.proj.weight.zero_()
        hybrid.to_cnn.proj.bias.zero_()
        without_vit = hybrid(images)
        for link in hybrid.to_vit.values():
            link.proj.weight.zero_()
        without_cnn = hybrid(images)
    assert torch.equal(before.tokens, without_vit.tokens)
    for level, changed in zip(before.pyramid, without_vit.pyramid, strict=True):
        assert not torch.equal(level, changed)
    assert not torch.equal(without_vit.tokens, without_cnn.tokens)


def test_every_parameter_gets_a_gradient():
    hybrid = small_hybrid().train()
    pyramid, tokens, pooled = hybrid(torch.randn(2, 3, 64, 64))
    total = sum(x.square().sum() for x in (*pyramid, tokens, pooled))
    total.backward()
    without = [n for n, p in hybrid.named_parameters() if p.grad is None]
    assert without == []


def test_link_blocks_beyond_the_vit_are_refused():
    with pytest.raises(ValueError, match='link_blocks'):
        small_hybrid(link_blocks=(0, 5))
