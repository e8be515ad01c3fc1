"""Average precision of single classes, and what it is worth per label."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def class_average_precision(
    metrics: Mapping[str, Any], classes: Sequence[str]
) -> dict[str, dict[str, float]]:
    """AP and AP50 of each class, nan where not measured.

    Reads the keys of ``DetectionMetric`` (``det/AP/<class>``) and of
    ``CocoMetric(classwise=True)`` (``coco/<class>_precision``, no AP50). Where teacher
    and student are validated, the teacher's count.

    Args:
        metrics: Of one validation.
        classes: Names.
    """
    return {
        name: {
            'AP': _metric(metrics, f'AP/{name}', f'{name}_precision'),
            'AP50': _metric(metrics, f'AP50/{name}'),
        }
        for name in classes
    }


def overall_average_precision(metrics: Mapping[str, Any]) -> float:
    """Mean AP over the classes, nan where not measured."""
    return _metric(metrics, 'mAP', 'bbox_mAP')


def efficiency(average_precision: float, share: float) -> float:
    """AP per share of the labelled boxes; 1 where a class gets what it brings.

    Args:
        average_precision: In [0, 1].
        share: The class's part of all labelled boxes, in [0, 1].
    """
    return average_precision / share if share > 0 else math.nan


def labelled_shares(dataset: Any, num_classes: int) -> list[float] | None:
    """Each class's part of the labelled boxes of a training set.

    Of concatenated data sets the first is the labelled one. Boxes that are ignored do
    not count.

    Returns:
        (C,) summing to 1; None if there are no boxes, or none can be read.
    """
    while not hasattr(dataset, 'get_data_info') or hasattr(dataset, 'datasets'):
        if hasattr(dataset, 'datasets'):
            dataset = dataset.datasets[0]
        elif hasattr(dataset, 'dataset'):
            dataset = dataset.dataset
        else:
            return None
    labels = [
        box['bbox_label']
        for index in range(len(dataset))
        for box in dataset.get_data_info(index).get('instances', ())
        if not box.get('ignore_flag', 0)
    ]
    if not labels:
        return None
    counts = np.bincount(labels, minlength=num_classes)
    return (counts / counts.sum()).tolist()


def _metric(metrics: Mapping[str, Any], *names: str) -> float:
    """The value whose key is one of the names, behind any prefix."""
    endings = tuple(f'/{name}' for name in names)
    found = [key for key in metrics if key in names or key.endswith(endings)]
    if not found:
        return math.nan
    return float(metrics[min(found, key=lambda key: not key.startswith('teacher/'))])
