import pytest
import torch

from maxsight_mm.models.data_preprocessors import FrequencyMask, TimeMask


@pytest.mark.parametrize(('kind', 'dim'), [(TimeMask, 1), (FrequencyMask, 2)])
def test_hides_one_stretch_of_each_sample(kind, dim):
    torch.manual_seed(0)
    out = kind(max_width=8)(torch.ones(64, 40, 30))
    other = 3 - dim
    hidden = out.eq(0).all(other)
    assert torch.equal(out.eq(0).any(other), hidden)
    widths = hidden.sum(1)
    assert widths.max() == 8 and widths.min() == 0 and len(widths.unique()) > 4
    # One stretch: its ends are as far apart as it is wide.
    edges = hidden.int().diff(dim=1).abs().sum(1)
    assert edges.max() <= 2


def test_evaluation_sees_everything():
    frames = torch.rand(2, 10, 8)
    assert TimeMask(max_width=5).eval()(frames) is frames


def test_short_sound_keeps_most_of_itself():
    torch.manual_seed(0)
    out = TimeMask(max_width=100, max_share=0.3)(torch.ones(200, 10, 4))
    assert out.eq(0).all(2).sum(1).max() == 3


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match='max_share'):
        FrequencyMask(max_width=3, max_share=1.5)
