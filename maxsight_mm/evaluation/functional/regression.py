"""Errors of single numbers and of angles, and of the best constant in their place."""

import numpy as np


def mean_absolute_error(answers: np.ndarray, truth: np.ndarray) -> float:
    """Mean of |answer - truth| over (N,) numbers; nan when empty."""
    if not len(truth):
        return float('nan')
    return float(np.abs(np.asarray(answers, np.float64) - truth).mean())


def median_absolute_error(truth: np.ndarray) -> float:
    """Mean absolute error of always answering the median, the best constant."""
    return mean_absolute_error(np.median(truth), truth) if len(truth) else float('nan')


def angular_distance_deg(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Shorter way between directions, 0 to 180 degrees, elementwise."""
    return np.abs((np.asarray(a, np.float64) - b + 180) % 360 - 180)


def angular_error_deg(answers: np.ndarray, truth: np.ndarray) -> float:
    """Mean angular distance of (N,) degrees; nan when empty."""
    if not len(truth):
        return float('nan')
    return float(angular_distance_deg(answers, truth).mean())


def constant_angular_error_deg(truth: np.ndarray) -> float:
    """Least mean angular distance of a constant direction to (N,) degrees.

    The mean distance is linear between the directions and their opposites, so one
    of them is the best constant; nan when empty.
    """
    if not len(truth):
        return float('nan')
    corners = np.unique(np.concatenate([truth, np.asarray(truth) + 180]) % 360)
    return min(angular_error_deg(corner, truth) for corner in corners)
