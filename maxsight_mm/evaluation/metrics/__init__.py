from .calibration import CalibrationMetric
from .detection import DetectionMetric
from .image_task import ImageTaskMetric
from .safety import SafetyMetric
from .task_metric import TaskMetric

__all__ = [
    'CalibrationMetric',
    'DetectionMetric',
    'ImageTaskMetric',
    'SafetyMetric',
    'TaskMetric',
]
