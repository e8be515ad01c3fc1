import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.calibration import (
    calibration_bins,
    expected_calibration_error,
)


def problem(num=600, seed=0):
    rng = np.random.default_rng(seed)
    confidence = rng.random(num)
    return confidence, (rng.random(num) < confidence**2).astype(float)


@pytest.mark.parametrize('num_bins', [5, 15])
def test_ece_agrees_with_torchmetrics(num_bins):
    functional = pytest.importorskip('torchmetrics.functional.classification')
    torch = pytest.importorskip('torch')
    confidence, correct = problem()
    # For two classes torchmetrics takes the positive score as the confidence.
    expected = functional.binary_calibration_error(
        torch.from_numpy(confidence), torch.from_numpy(correct).long(), num_bins
    )
    ours = expected_calibration_error(calibration_bins(confidence, correct, num_bins))
    assert ours == pytest.approx(float(expected), abs=1e-6)


def test_equal_mass_agrees_with_splitting_the_sorted_cases():
    confidence, correct = problem()
    order = np.argsort(confidence)
    parts = np.array_split(order, 15)
    expected = sum(
        len(part) / 600 * abs(confidence[part].mean() - correct[part].mean())
        for part in parts
    )
    bins = calibration_bins(confidence, correct, 15, 'equal_mass')
    assert bins.cases.tolist() == [40] * 15
    assert expected_calibration_error(bins) == pytest.approx(expected)


def test_hand_worked():
    bins = calibration_bins([0.1, 0.2, 0.9, 0.7], [0, 1, 1, 0], num_bins=2)
    assert bins.cases.tolist() == [2, 2]
    np.testing.assert_allclose(bins.confidence, [0.15, 0.8])
    np.testing.assert_allclose(bins.outcome, [0.5, 0.5])
    assert expected_calibration_error(bins) == pytest.approx((0.35 + 0.3) / 2)


def test_a_share_may_be_the_outcome():
    bins = calibration_bins([0.25, 0.25], [0.5, 0.0])
    assert expected_calibration_error(bins) == 0


@pytest.mark.parametrize('scheme', ['equal_width', 'equal_mass'])
@pytest.mark.parametrize('value', [0.0, 0.5, 1.0])
def test_equal_confidences_share_a_bin(scheme, value):
    bins = calibration_bins([value] * 40, [1.0] * 40, 15, scheme)
    assert bins.cases.tolist() == [40]
    assert expected_calibration_error(bins) == pytest.approx(1 - value)


@pytest.mark.parametrize('scheme', ['equal_width', 'equal_mass'])
def test_every_case_is_in_one_bin(scheme):
    confidence = np.random.default_rng(0).integers(0, 31, 500) / 30
    bins = calibration_bins(confidence, np.ones(500), 15, scheme)
    assert bins.cases.sum() == 500
    assert (bins.confidence <= bins.upper + 1e-12).all()


def test_empty_is_nan():
    assert math.isnan(expected_calibration_error(calibration_bins([], [])))


@pytest.mark.parametrize('bad', [math.nan, math.inf, -0.1, 1.1])
def test_values_outside_the_unit_interval_are_refused(bad):
    with pytest.raises(ValueError, match='confidence must lie'):
        calibration_bins([0.5, bad], [1, 0])
    with pytest.raises(ValueError, match='outcome must lie'):
        calibration_bins([0.5, 0.5], [1, bad])


def test_wrong_use_is_refused():
    with pytest.raises(ValueError, match='2 confidences but 1 outcomes'):
        calibration_bins([0.5, 0.5], [1])
    with pytest.raises(ValueError, match='quantile'):
        calibration_bins([0.5], [1], scheme='quantile')
