import math
import statistics

import pytest
import torch

from maxsight_mm.engine.ssod_monitor import (
    kept_and_true,
    kept_ratio,
    score_summary,
    silent_intervals,
)

NAN = math.nan


def test_figures_of_each_class_and_of_all_scores():
    rows = [[0.05, 0.25, 0.3, 1.0], [0.95]]
    memory = torch.tensor([rows[0], rows[1] + [NAN] * 3])
    found = score_summary(memory)
    every = rows[0] + rows[1]
    assert found.mean == pytest.approx([statistics.fmean(row) for row in rows])
    assert found.median == pytest.approx([statistics.median(row) for row in rows])
    assert found.overall_mean == pytest.approx(statistics.fmean(every))
    assert found.overall_median == pytest.approx(statistics.median(every))
    assert found.histogram[0] == [1, 0, 1, 1, 0, 0, 0, 0, 0, 1]
    assert found.histogram[1] == [0] * 9 + [1]


@pytest.mark.parametrize('dtype', [torch.float32, torch.float16])
def test_an_empty_memory_has_no_figures(dtype):
    found = score_summary(torch.full((2, 4), NAN, dtype=dtype))
    assert all(math.isnan(value) for value in [*found.mean, *found.median])
    assert math.isnan(found.overall_mean) and math.isnan(found.overall_median)
    assert found.histogram == [[0] * 10] * 2


def test_kept_ratio_is_unknown_without_candidates():
    found = kept_ratio(torch.tensor([1, 0, 0]), torch.tensor([4, 5, 0]))
    assert found[:2] == [0.25, 0.0]
    assert math.isnan(found[2])


def test_silence_is_counted_from_the_end():
    assert silent_intervals([]) == 0
    assert silent_intervals([0, 3, 0, 0]) == 2
    assert silent_intervals([0, 0, 1]) == 0
    assert silent_intervals([0, 0]) == 2


def test_precision_on_labelled_views_leaves_out_missed_boxes_and_empty_places():
    scores = torch.tensor([[0.9, 0.6, 0.0, NAN], [0.5, 0.2, 0.4, NAN]])
    is_true = torch.tensor([[True, False, True, False], [True, True, False, True]])
    assert kept_and_true(scores, is_true, torch.tensor([0.5, 0.4])) == (4, 2)
    # a threshold of 0 keeps no box that the teacher did not find
    assert kept_and_true(scores, is_true, torch.tensor([0.0, torch.inf])) == (2, 1)
