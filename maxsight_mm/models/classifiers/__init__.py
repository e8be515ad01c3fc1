from .batch_mix import BatchMix
from .class_head import ClassHead
from .image_task_classifier import ImageTaskClassifier

__all__ = ['BatchMix', 'ClassHead', 'ImageTaskClassifier']
