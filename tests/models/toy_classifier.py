"""A tiny image task classifier and samples for it."""

import torch
from mmengine.structures import BaseDataElement

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample


def toy_classifier(**heads):
    """A two-layer classifier; ``heads`` are head configs by task."""
    return MODELS.build(classifier_config(**heads))


def classifier_config(**heads):
    """Config of an ImageTaskClassifier on a narrow ResNet-18."""
    return dict(
        type='ImageTaskClassifier',
        backbone=dict(
            type='mmdet.ResNet',
            depth=18,
            base_channels=16,
            num_stages=2,
            strides=(1, 2),
            dilations=(1, 1),
            out_indices=(1,),
            norm_eval=False,
        ),
        feature_channels=32,
        heads=heads or dict(risk=dict(num_classes=2)),
    )


def sample(**labels):
    """A TaskSample with these labels."""
    result = TaskSample()
    result.gt_tasks = BaseDataElement(
        **{task: torch.tensor([label]) for task, label in labels.items()}
    )
    return result
