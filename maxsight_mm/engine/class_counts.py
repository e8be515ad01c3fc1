"""How often each class is labelled in a built data set, wrappers looked through."""

from collections import Counter
from typing import Any

from maxsight_mm.datasets.image_task_dataset import task_counts


def count_tasks(dataset: Any) -> dict[str, list[int]]:
    """Labelled pictures a class, by task, of data sets with ``metainfo['tasks']``."""
    records = [dataset.get_data_info(index) for index in range(len(dataset))]
    return task_counts(records, dataset.metainfo['tasks'])


def count_boxes(dataset: Any) -> list[int]:
    """Boxes a class, but for ignored ones; data sets with ``metainfo['classes']``."""
    counts: Counter[int] = Counter()
    for index in range(len(dataset)):
        for instance in dataset.get_data_info(index)['instances']:
            if not instance.get('ignore_flag'):
                counts[instance['bbox_label']] += 1
    return [counts[label] for label in range(len(dataset.metainfo['classes']))]
