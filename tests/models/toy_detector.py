"""A safety detector small enough for tests, and samples for it."""

import torch
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample

NUM_CLASSES = 3


def toy_config(channels: int = 16, level_set: str = 'pyramid', **heads) -> dict:
    """Config of a ResNet-18 detector with ``channels`` wide towers."""
    return dict(
        type='MaxSightDetector',
        data_preprocessor=dict(
            type='DetDataPreprocessor', mean=[0.0] * 3, std=[255.0] * 3
        ),
        safety_pass=dict(
            type='SafetyPass',
            depth=18,
            channels=channels,
            level_set=level_set,
            tower_depth=1,
        ),
        safety_heads=dict(
            objectness=dict(type='ObjectnessHead'),
            classification=dict(type='ClassificationHead', num_classes=NUM_CLASSES),
            box=dict(type='BoxHead'),
            distance=dict(type='DistanceHead'),
            urgency=dict(type='UrgencyHead'),
            object_urgency=dict(type='ObjectUrgencyHead'),
            uncertainty=dict(type='UncertaintyHead'),
        )
        | heads,
        train_cfg=dict(assigner=dict(type='ATSSAssigner', topk=9)),
        test_cfg=dict(score_thr=0.05),
    )


def build_toy(**kwargs):
    torch.manual_seed(0)
    model = MODELS.build(toy_config(**kwargs))
    model.init_weights()
    return model


def toy_sample(size=64, boxes=((8, 8, 40, 48),), labels=(1,), **fields) -> TaskSample:
    """Sample of a square image; ``fields`` are more fields of ``gt_instances``."""
    sample = TaskSample(
        metainfo=dict(
            img_shape=(size, size), ori_shape=(size, size), scale_factor=(1.0, 1.0)
        )
    )
    sample.gt_instances = InstanceData(
        bboxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        labels=torch.tensor(labels, dtype=torch.int64),
        **{name: torch.tensor(value) for name, value in fields.items()},
    )
    return sample


def with_urgency(sample: TaskSample, urgency: int) -> TaskSample:
    sample.gt_tasks = BaseDataElement(urgency=torch.tensor([urgency]))
    return sample
