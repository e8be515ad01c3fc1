import pytest
import torch

from maxsight_mm.models.fusion import PyramidAttention


def pyramid():
    return tuple(torch.randn(2, 6, s, s + 1) for s in (8, 4, 2))


@pytest.mark.parametrize('attention', ['cbam', 'se'])
def test_three_levels_of_the_asked_width(attention):
    module = PyramidAttention(6, 16, num_blocks=1, attention=attention)
    levels = module(pyramid())
    assert [tuple(x.shape) for x in levels] == [
        (2, 16, 8, 9),
        (2, 16, 4, 5),
        (2, 16, 2, 3),
    ]
    assert all((x >= 0).all() for x in levels)


def test_blocks_start_as_the_identity():
    torch.manual_seed(0)
    module = PyramidAttention(6, 16, num_blocks=2).eval()
    module.init_weights()
    for level, blocks, out in zip(
        levels := pyramid(), module.levels, module(levels), strict=True
    ):
        torch.testing.assert_close(out, blocks[0](level))


def test_default_has_14_million_parameters():
    with torch.device('meta'):
        module = PyramidAttention(256)
    assert 14e6 < sum(p.numel() for p in module.parameters()) < 15e6


def test_one_fused_level_is_refused():
    with pytest.raises(ValueError, match="level_set='pyramid'"):
        PyramidAttention(6, 16)(pyramid()[:1])


def test_unknown_attention_is_refused():
    with pytest.raises(ValueError, match='eca'):
        PyramidAttention(6, 16, attention='eca')
