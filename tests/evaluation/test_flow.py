import math

import numpy as np
import pytest
from scipy.optimize import minimize

from maxsight_mm.evaluation.functional import constant_flow_error, flow_cells


def flow_image(seed):
    rng = np.random.default_rng(seed)
    flow = rng.normal([[[6.0]], [[-1]]], 4, (2, 30, 40))
    flow[:, :8] *= 6
    flow[0, 20:, 30:] = np.nan
    return flow


def test_best_constant_agrees_with_a_search():
    flows = [flow_image(seed) for seed in range(3)]
    points = np.concatenate([f.reshape(2, -1) for f in flows], axis=1)
    points = points[:, np.isfinite(points).all(0)]

    def cost(constant):
        return np.linalg.norm(points - constant[:, None], axis=0).mean()

    best = minimize(cost, points.mean(1), method='Nelder-Mead').fun
    cells = np.concatenate([flow_cells(flow) for flow in flows])
    assert constant_flow_error(cells) == pytest.approx(best, rel=0.02)
    assert constant_flow_error(cells) < cost(np.zeros(2))


@pytest.mark.parametrize('sigma_px', [0.1, 0.5])
def test_small_motions_are_told_apart(sigma_px):
    flow = np.random.default_rng(0).normal(0, sigma_px, (2, 60, 80))
    # Of two independent normals: sigma * sqrt(pi / 2).
    expected = sigma_px * math.sqrt(math.pi / 2)
    assert constant_flow_error(flow_cells(flow)) == pytest.approx(expected, rel=0.03)


def test_cells_count_the_labelled_pixels_and_are_few():
    cells = flow_cells(flow_image(0))
    assert cells[:, 0].sum() == 30 * 40 - 10 * 10
    assert cells.dtype == np.float32 and len(cells) < 600


def test_nothing_labelled_costs_nan():
    cells = flow_cells(np.full((2, 3, 3), np.nan))
    assert cells.shape == (0, 3)
    assert math.isnan(constant_flow_error(cells))
