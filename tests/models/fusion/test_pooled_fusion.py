import pytest
import torch

from maxsight_mm.models.fusion import CrossAttentionFusion, WeightedFusion


def test_weighted_fusion_starts_at_the_mean():
    fusion = WeightedFusion(6, 4, 5)
    cnn, tokens = torch.randn(2, 6), torch.randn(2, 3, 4)
    expected = (fusion.cnn_proj(cnn) + fusion.vit_proj(tokens[:, 0])) / 2
    torch.testing.assert_close(fusion(cnn, tokens), expected)


def test_weighted_fusion_of_all_cnn_ignores_the_vit():
    fusion = WeightedFusion(6, 4, 5)
    fusion.beta.offset.data.fill_(40.0)
    cnn = torch.randn(2, 6)
    torch.testing.assert_close(
        fusion(cnn, torch.randn(2, 3, 4)), fusion(cnn, torch.randn(2, 3, 4))
    )


def test_beta_stays_between_0_and_1():
    fusion = WeightedFusion(6, 4, 5)
    assert fusion.beta().item() == pytest.approx(0.5)
    fusion.beta.offset.data.fill_(-5.0)
    assert 0 < fusion.beta().item() < 0.5


def test_cross_attention_reads_every_token():
    fusion = CrossAttentionFusion(6, 4, 8, num_heads=2)
    cnn = torch.randn(1, 6)
    tokens = torch.randn(1, 5, 4, requires_grad=True)
    out = fusion(cnn, tokens)
    assert out.shape == (1, 8)
    out.square().sum().backward()
    assert (tokens.grad.abs().sum(dim=2) > 0).all()
