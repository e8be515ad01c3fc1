from .calibration import CalibrationMetric
from .detection import DetectionMetric
from .safety import SafetyMetric

__all__ = ['CalibrationMetric', 'DetectionMetric', 'SafetyMetric']
