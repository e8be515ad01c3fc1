import pytest
import torch

from maxsight_mm.models.fusion import CrossAttention, attend


def test_sdpa_equals_naive():
    query, key, value = torch.randn(2, 3, 5, 8), *torch.randn(2, 2, 3, 7, 8)
    torch.testing.assert_close(
        attend(query, key, value, 'sdpa'), attend(query, key, value, 'naive')
    )


def test_worked_by_hand():
    """Scores 0 and ln 3 give weights 1/4 and 3/4."""
    query = torch.ones(1, 1, 1, 1)
    key = torch.tensor([0.0, 3.0]).log1p()[:, None][None, None]
    key[0, 0, 1] = torch.tensor(3.0).log()
    value = torch.tensor([[0.0], [4.0]])[None, None]
    for kind in ('sdpa', 'naive'):
        torch.testing.assert_close(
            attend(query, key, value, kind), torch.full((1, 1, 1, 1), 3.0)
        )


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match='flash'):
        attend(*torch.randn(3, 1, 1, 2, 2), 'flash')


def test_cross_attention_ignores_the_order_of_its_context():
    layer = CrossAttention(8, context_dims=6, num_heads=2)
    queries, context = torch.randn(2, 3, 8), torch.randn(2, 5, 6)
    out = layer(queries, context)
    assert out.shape == (2, 3, 8)
    torch.testing.assert_close(out, layer(queries, context.flip(1)))


def test_one_key_returns_its_value():
    layer = CrossAttention(8, num_heads=2)
    queries, context = torch.randn(1, 4, 8), torch.randn(1, 1, 8)
    value = layer.key_value(context)[..., 8:]
    expected = layer.proj(value).expand(1, 4, 8)
    torch.testing.assert_close(layer(queries, context), expected)
