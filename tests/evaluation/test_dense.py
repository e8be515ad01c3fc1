import numpy as np
import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.evaluation.functional import (
    ConstantCost,
    depth_sums,
    endpoint_sums,
    resize_bilinear,
)
from maxsight_mm.evaluation.functional.dense import DEPTH_EDGES


@pytest.mark.parametrize('size', [(12, 20), (6, 5), (3, 4), (7, 9)])
def test_resize_agrees_with_torch(size):
    values = np.random.default_rng(0).normal(size=(2, 6, 5))
    expected = F.interpolate(
        torch.from_numpy(values)[None], size=size, mode='bilinear', align_corners=False
    )[0]
    np.testing.assert_allclose(resize_bilinear(values, size), expected, atol=1e-12)


def test_resize_leaves_the_padding_out():
    shown = np.tile(np.arange(4.0), (1, 4, 1))
    padded = np.pad(shown, ((0, 0), (0, 4), (0, 4)), constant_values=99)
    np.testing.assert_allclose(resize_bilinear(padded, (4, 4), (0.5, 0.5)), shown)


def test_depth_sums_of_a_hand_worked_image():
    truth = np.array([[1.0, 2.0], [4.0, np.nan]])
    depth = np.array([[1.2, 1.0], [4.0, 7.0]])
    # |0.2|/1 + |1|/2 + 0; 0.04 + 1 + 0; ratios 1.2, 2 and 1
    np.testing.assert_allclose(depth_sums(depth, truth), [3, 0.7, 1.04, 2])


def test_depth_without_labels_sums_to_nothing():
    truth = np.array([[np.nan, 0.0, np.inf]])
    np.testing.assert_allclose(depth_sums(np.ones((1, 3)), truth)[:2], 0)


def test_endpoint_sums_of_a_hand_worked_image():
    truth = np.array([[[3.0, np.nan, 0.0]], [[4.0, 1.0, 0.0]]])
    flow = np.array([[[3.0, 9.0, 1.0]], [[0.0, 9.0, 0.0]]])
    np.testing.assert_allclose(endpoint_sums(flow, truth), [2, 5, 5])


@pytest.fixture
def values():
    return np.random.default_rng(1).lognormal(1.5, 0.8, 500)


def test_constant_costs_agree_with_trying_every_edge(values):
    cost = ConstantCost.of(values, DEPTH_EDGES)
    off = np.abs(DEPTH_EDGES[:, None] - values)
    ratio = DEPTH_EDGES[:, None] / values
    within = (ratio < 1.25) & (ratio > 1 / 1.25)
    assert cost.absolute_error() == pytest.approx(off.mean(1).min())
    assert cost.relative_error() == pytest.approx((off / values).mean(1).min())
    assert cost.within_ratio() == pytest.approx(within.mean(1).max())


def test_best_edge_is_close_to_the_best_constant(values):
    best = np.abs(values - np.median(values)).mean()
    cost = ConstantCost.of(values, DEPTH_EDGES)
    assert best <= cost.absolute_error() <= best * 1.001


def test_costs_of_parts_add_up(values):
    whole = ConstantCost.of(values, DEPTH_EDGES)
    parts = [ConstantCost.of(part, DEPTH_EDGES) for part in np.split(values, 5)]
    summed = sum(parts[1:], start=parts[0])
    assert summed.relative_error() == pytest.approx(whole.relative_error())


def test_cost_of_nothing_is_nan():
    cost = ConstantCost.of(np.empty(0), DEPTH_EDGES)
    figures = [cost.absolute_error(), cost.relative_error(), cost.within_ratio()]
    assert np.isnan(figures).all()
