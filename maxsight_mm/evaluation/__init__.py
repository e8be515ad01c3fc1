"""Metrics: formulas in ``functional``, registered shells in ``metrics``."""

from .metrics import CalibrationMetric, DetectionMetric, SafetyMetric

__all__ = ['CalibrationMetric', 'DetectionMetric', 'SafetyMetric']
