from .feature_bundle import FeatureBundle
from .target import Target
from .task_sample import TaskSample

__all__ = ['FeatureBundle', 'Target', 'TaskSample']
