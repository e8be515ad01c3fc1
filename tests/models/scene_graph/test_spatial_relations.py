import torch

from maxsight_mm.models.scene_graph import (
    SPATIAL_RELATIONS,
    as_triples,
    spatial_relations,
)

IMAGE = (100, 100)


def triples(boxes, mask=None, **kwargs):
    boxes = torch.tensor([boxes], dtype=torch.float32).reshape(1, -1, 4)
    mask = torch.ones(boxes.shape[:2], dtype=torch.bool) if mask is None else mask
    return as_triples(spatial_relations(boxes, mask, IMAGE, **kwargs))[0]


def metres(*values):
    return torch.tensor([values], dtype=torch.float32)


def test_left_and_right_by_the_greater_offset():
    # Bearings of -20 / 100 and +20 / 100 at 5 m: 1.96 m apart, none of it ahead.
    boxes = [[25, 40, 35, 90], [65, 40, 75, 90]]
    found = triples(boxes, distances_m=metres(5, 5), focal_px=100.0)
    assert found == [(0, 'left of', 1), (1, 'right of', 0)]


def test_nearer_is_in_front():
    boxes = [[45, 40, 55, 90], [46, 45, 54, 70]]
    found = triples(boxes, distances_m=metres(4, 6), focal_px=100.0)
    assert (0, 'in front of', 1) in found and (1, 'behind', 0) in found
    assert (1, 'inside', 0) in found and 'overlapping' not in {t[1] for t in found}


def test_beyond_reach_nothing_is_beside():
    boxes = [[45, 40, 55, 90], [46, 45, 54, 70]]
    found = triples(boxes, distances_m=metres(4, 9), focal_px=100.0)
    assert {t.predicate for t in found} == {'inside'}


def test_sign_over_a_bench_is_above_it():
    # At 4 m and 100 px: the sign ends 0.8 m above the horizon, the bench begins below.
    boxes = [[45, 20, 55, 30], [40, 60, 60, 80]]
    found = triples(boxes, distances_m=metres(4, 4.1), focal_px=100.0)
    assert found == [(0, 'above', 1), (1, 'below', 0)]
    far = triples(boxes, distances_m=metres(4, 7), focal_px=100.0)
    assert 'above' not in {t.predicate for t in far}


def test_boxes_that_share_a_corner_overlap():
    found = triples([[0, 0, 20, 20], [10, 10, 30, 30]], zones=torch.tensor([[0, 0]]))
    assert (0, 'overlapping', 1) in found and (1, 'overlapping', 0) in found


def test_zones_tell_depth_where_there_are_no_metres():
    boxes = [[10, 40, 20, 90], [60, 40, 70, 90], [80, 40, 90, 90]]
    found = triples(boxes, zones=torch.tensor([[0, 2, -1]]))
    assert found == [(0, 'in front of', 1), (1, 'behind', 0)]
    same = triples(boxes[:2], zones=torch.tensor([[1, 1]]))
    assert same == [(0, 'left of', 1), (1, 'right of', 0)]


def test_unknown_distance_is_related_to_nothing():
    boxes = [[25, 40, 35, 90], [65, 40, 75, 90]]
    assert triples(boxes, distances_m=metres(5, float('nan'))) == []


def test_padding_and_itself_are_related_to_nothing():
    boxes = [[25, 40, 35, 90], [65, 40, 75, 90]]
    mask = torch.tensor([[True, False]])
    assert triples(boxes, mask, distances_m=metres(5, 5)) == []
    empty = spatial_relations(
        torch.zeros(2, 0, 4), torch.zeros(2, 0, dtype=torch.bool), IMAGE
    )
    assert empty.shape == (2, 0, 0, len(SPATIAL_RELATIONS))
    assert as_triples(empty) == [[], []]
