from .calibration import CalibrationMetric
from .detection import DetectionMetric
from .safety import SafetyMetric
from .task_metric import TaskMetric

__all__ = ['CalibrationMetric', 'DetectionMetric', 'SafetyMetric', 'TaskMetric']
