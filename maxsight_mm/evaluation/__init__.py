"""Metrics: formulas in ``functional``, registered shells in ``metrics``."""

from .metrics import CalibrationMetric, DetectionMetric, SafetyMetric, TaskMetric

__all__ = ['CalibrationMetric', 'DetectionMetric', 'SafetyMetric', 'TaskMetric']
