from itertools import combinations

import numpy as np
import pytest

from maxsight_mm.datasets.anchor_fit import (
    aspect_quartiles,
    class_means,
    fit_aspects,
    fit_base_scale,
    scales_of,
)
from maxsight_mm.datasets.anchor_overlap import best_aspect_iou


def boxes_of(aspects, area=400.0):
    root = np.sqrt(np.asarray(aspects, dtype=float))
    return np.stack([root, 1 / root], axis=1) * np.sqrt(area)


def narrow_and_wide(narrow=40, wide=400, seed=0):
    rng = np.random.default_rng(seed)
    logs = [rng.normal(np.log(0.45), 0.4, narrow), rng.normal(np.log(2), 0.6, wide)]
    return boxes_of(np.exp(np.concatenate(logs))), np.repeat([0, 1], [narrow, wide])


def test_quartiles_by_class_with_an_empty_one():
    boxes = boxes_of([0.34, 0.45, 0.61, 3.0])
    rows = aspect_quartiles(boxes, np.array([0, 0, 0, 2]), 3)
    assert rows[0] == pytest.approx([0.395, 0.45, 0.53])
    assert np.isnan(rows[1]).all()
    assert rows[2] == pytest.approx([3, 3, 3])


@pytest.mark.parametrize('count', [1, 2, 3])
def test_fit_equals_the_best_of_all_subsets(count):
    aspects = np.exp(np.random.default_rng(1).uniform(-1.5, 1.5, 14))
    boxes, labels = boxes_of(aspects), np.zeros(14, dtype=int)
    subsets = combinations(aspects, count)
    best = min(((1 - best_aspect_iou(boxes, s)) ** 2).mean() for s in subsets)
    found = fit_aspects(boxes, labels, count)
    miss = ((1 - best_aspect_iou(boxes, found)) ** 2).mean()
    assert miss == pytest.approx(best, abs=1e-3)


def test_fit_finds_the_shapes_that_there_are():
    boxes = boxes_of([0.25] * 5 + [0.5] * 9 + [4.0] * 2)
    assert fit_aspects(boxes, np.zeros(16, int), 3) == pytest.approx([0.25, 0.5, 4.0])
    assert fit_aspects(boxes, np.zeros(16, int), 7) == pytest.approx([0.25, 0.5, 4.0])
    assert fit_aspects(boxes_of([2.0]), np.zeros(1, int), 5) == pytest.approx([2.0])


def test_equal_classes_keep_the_rare_narrow_one():
    boxes, labels = narrow_and_wide()
    by_box = best_aspect_iou(boxes, fit_aspects(boxes, labels, 3, 'count'))
    by_class = best_aspect_iou(boxes, fit_aspects(boxes, labels, 3, 'equal'))
    assert class_means(by_class, labels)[0] > class_means(by_box, labels)[0] + 0.03


def test_need_raises_the_worst_class():
    boxes, labels = narrow_and_wide()
    worst = [
        class_means(
            best_aspect_iou(boxes, fit_aspects(boxes, labels, 2, balance)), labels
        ).min()
        for balance in ('equal', 'need')
    ]
    assert worst[1] >= worst[0]
    assert worst[1] > worst[0] + 0.002


def test_fit_is_deterministic_and_does_not_depend_on_order():
    boxes, labels = narrow_and_wide()
    order = np.random.default_rng(3).permutation(len(boxes))
    first = fit_aspects(boxes, labels, 4, 'need')
    assert fit_aspects(boxes[order], labels[order], 4, 'need') == pytest.approx(first)


@pytest.mark.parametrize(('boxes', 'count'), [(0, 3), (4, 0)])
def test_bad_input_is_refused(boxes, count):
    with pytest.raises(ValueError, match='fit of anchors'):
        fit_aspects(boxes_of([1.0] * boxes), np.zeros(boxes, int), count)


def test_base_scale_moves_only_for_a_gain():
    def miss(scale):
        return 0.2 + 0.1 * abs(np.log2(scale / 4))

    assert fit_base_scale(miss, 8.0) == pytest.approx(4.0)
    assert fit_base_scale(lambda scale: 0.4, 8.0) == 8.0


def test_scales_divide_an_octave():
    assert scales_of(4.0, 2) == pytest.approx([4.0, 4 * 2**0.5])
