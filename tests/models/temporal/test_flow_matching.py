import torch
from torch.nn import functional as F

from maxsight_mm.models.temporal import expected_shift, local_correlation, warp


def test_warp_by_whole_cells_is_a_shift():
    features = torch.randn(1, 2, 5, 6)
    flow = torch.tensor([2.0, 1.0]).reshape(1, 2, 1, 1).expand(1, 2, 5, 6)
    torch.testing.assert_close(
        warp(features, flow)[..., :4, :4], features[..., 1:, 2:], rtol=0, atol=1e-5
    )


def test_warp_beyond_the_border_repeats_it():
    features = torch.randn(1, 1, 2, 3)
    moved = warp(features, torch.full((1, 2, 2, 3), 99.0))
    torch.testing.assert_close(moved, features[..., -1:, -1:].expand_as(moved))


def test_correlation_equals_the_cosine_of_each_pair():
    torch.manual_seed(0)
    first, second = torch.randn(2, 1, 3, 4, 5)
    volume = local_correlation(first, second, 1)
    assert volume.shape == (1, 9, 4, 5)
    for y, x, dy, dx in ((1, 2, 0, 0), (2, 1, -1, 1), (1, 3, 1, -1)):
        expected = F.cosine_similarity(
            first[0, :, y, x], second[0, :, y + dy, x + dx], dim=0
        )
        torch.testing.assert_close(volume[0, (dy + 1) * 3 + dx + 1, y, x], expected)
    assert volume[0, 0, 0, 0] == 0  # outside the map


def test_sharp_match_gives_its_own_shift():
    match = torch.zeros(1, 25, 1, 1)
    match[0, 5 * 3 + 0] = 50  # one down, two to the left
    torch.testing.assert_close(
        expected_shift(match, 2).flatten(), torch.tensor([-2.0, 1.0])
    )


def test_even_match_gives_no_shift():
    assert expected_shift(torch.zeros(2, 9, 3, 4), 1).abs().max() < 1e-6


def test_single_cell_map():
    one = torch.randn(1, 2, 1, 1)
    torch.testing.assert_close(warp(one, torch.zeros(1, 2, 1, 1)), one)
    assert local_correlation(one, one, 1).shape == (1, 9, 1, 1)


def test_cells_without_features_match_nothing_in_half_precision():
    """The least norm is 0 in half precision."""
    first = torch.zeros(1, 2, 3, 3, dtype=torch.float16)
    second = torch.ones_like(first)
    match = local_correlation(first, second, 1)
    assert match.dtype == torch.float16
    assert (match == 0).all()
