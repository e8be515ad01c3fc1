"""Metrics: formulas in ``functional``, registered shells in ``metrics``."""

from .metrics import (
    CalibrationMetric,
    DetectionMetric,
    ImageTaskMetric,
    SafetyMetric,
    TaskMetric,
)

__all__ = [
    'CalibrationMetric',
    'DetectionMetric',
    'ImageTaskMetric',
    'SafetyMetric',
    'TaskMetric',
]
