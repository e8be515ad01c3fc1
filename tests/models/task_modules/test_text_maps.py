import torch

from maxsight_mm.models.task_modules.text_decoder import TextDecoder
from maxsight_mm.models.task_modules.text_maps import grid_points, text_maps


def regions(*rows):
    """(1, R, 9) of (x0, y0, x1, y1, state) rectangles, padded with two empty slots."""
    table = torch.zeros(1, len(rows) + 2, 9)
    for i, (x0, y0, x1, y1, state) in enumerate(rows):
        table[0, i] = torch.tensor([x0, y0, x1, y0, x1, y1, x0, y1, state])
    return table


def as_map(flat, height=8, width=12):
    return flat.reshape(height, width).int().tolist()


def test_points_are_the_middles_of_the_cells():
    assert grid_points(2, 2, 4, 'cpu').tolist() == [[2, 2], [6, 2], [2, 6], [6, 6]]


def test_the_core_of_a_text_is_marked_by_hand():
    # 32 x 16 pixels less a border of 0.25 * 16: x 12 to 36, y 8 to 16.
    maps = text_maps(regions((8, 4, 40, 20, 1)), 8, 12, 4, 0.25)
    wanted = torch.zeros(8, 12)
    wanted[2:4, 3:9] = 1  # middles 14 to 34 and 10 to 14
    assert torch.equal(maps.score.reshape(8, 12).float(), wanted)
    assert maps.counted.all()
    corners = torch.tensor([[8.0, 4], [40, 4], [40, 20], [8, 20]])
    assert (maps.quads[maps.score] == corners).all()
    assert (maps.heights[maps.score] == 16).all()


def test_a_tiny_text_keeps_the_cell_of_its_middle():
    maps = text_maps(regions((16, 8, 23, 9.5, 1)), 8, 12, 4, 0.3)
    assert maps.score.nonzero().tolist() == [[0, 2 * 12 + 4]]


def test_a_text_across_the_border_is_marked_where_it_shows():
    maps = text_maps(regions((-16, -8, 16, 8, 1)), 8, 12, 4, 0.0)
    assert as_map(maps.score)[0][:5] == [1, 1, 1, 1, 0]
    assert sum(map(sum, as_map(maps.score))) == 8


def test_a_text_out_of_view_marks_nothing():
    maps = text_maps(
        regions((-40, -8, -20, -2, 1), (100, 4, 130, 10, 1)), 8, 12, 4, 0.3
    )
    assert not maps.score.any() and maps.counted.all()


def test_illegible_text_is_not_counted_and_not_taught():
    maps = text_maps(regions((8, 4, 40, 20, 2)), 8, 12, 4, 0.3)
    assert not maps.score.any()
    assert (~maps.counted).sum() == 8 * 4


def test_the_smallest_of_overlapping_texts_has_the_cell():
    maps = text_maps(regions((16, 8, 32, 16, 1), (0, 0, 48, 32, 1)), 8, 12, 4, 0.0)
    assert (maps.heights[maps.score] == 8).sum() == 8
    assert (maps.heights[maps.score] == 32).sum() == 8 * 12 - 8


def test_empty_degenerate_and_non_finite_regions_mark_nothing():
    table = regions((5, 5, 5, 5, 1), (0, 0, 20, 20, 1))
    table[0, 1, 3] = float('nan')
    maps = text_maps(table, 8, 12, 4, 0.3)
    assert not maps.score.any() and maps.counted.all()
    assert maps.heights.isfinite().all()


def test_the_true_maps_decode_to_the_true_quads():
    table = regions((8, 4, 40, 12, 1), (10, 20, 44, 30, 1))
    maps = text_maps(table, 8, 12, 4, 0.3)
    logits = torch.where(maps.score, 4.0, -4.0).reshape(1, 1, 8, 12)
    offsets = maps.quads - grid_points(8, 12, 4, 'cpu')[:, None]
    offsets = offsets.flatten(2).transpose(1, 2).reshape(1, 8, 8, 12)
    ((quads, scores),) = TextDecoder()(logits, offsets)
    assert len(scores) == 2
    wanted = table[0, :2, :8].reshape(2, 4, 2)
    assert torch.allclose(quads[quads[:, 0, 1].argsort()], wanted, atol=1e-4)


def test_non_finite_answers_are_no_texts():
    logits = torch.full((1, 1, 4, 4), 5.0)
    offsets = torch.full((1, 8, 4, 4), float('inf'))
    assert len(TextDecoder()(logits, offsets)[0][0]) == 0
    assert len(TextDecoder()(logits * float('nan'), offsets * 0)[0][0]) == 0
