"""A scene in numbers that can be compared: what retrieval is to find alike.

Our design. The cosine of two descriptors is the likeness of two scenes. Three parts
are joined: ``log(1 + count)`` of each class; a one-hot of the light; and how near
the nearest thing of each kind is, ``exp(-distance / 5 m)``. Weights were set so that
no part outvotes the others: on street scenes each has about the same spread.
"""

import numpy as np

from ...taxonomy import by_name
from ...taxonomy.classes import UnknownClassError
from ...taxonomy.lighting import LIGHTINGS
from .registry import derives

LIGHTING_WEIGHT = 1.2
NEARNESS_WEIGHT = 1.2
NEARNESS_M = 5.0
# The nearest of these groups, and of all objects.
NEARNESS_GROUPS = ('person', 'vehicle', None)


@derives('scene_descriptor')
def scene_descriptor(results: dict) -> np.ndarray | None:
    """(classes + 5 + 3,) float32 >= 0, zeros for a part that is not labelled.

    None where the class names are unknown or there is nothing to tell.
    """
    classes = results.get('classes')
    if not classes:
        return None
    labels = np.asarray(results['gt_bboxes_labels'], np.int64)
    counts = np.log1p(np.bincount(labels, minlength=len(classes)))
    lighting = results['gt_tasks'].get('lighting')
    light = [LIGHTING_WEIGHT * (lighting == name) for name in LIGHTINGS]
    near = _nearness(labels, results['gt_instance_tasks'].get('distances_m'), classes)
    descriptor = np.concatenate([counts, light, near]).astype(np.float32)
    return descriptor if descriptor.any() else None


def _nearness(
    labels: np.ndarray, distances_m: np.ndarray | None, classes: tuple[str, ...]
) -> list[float]:
    if distances_m is None:
        return [0.0] * len(NEARNESS_GROUPS)
    groups = np.array([_group(classes[label]) for label in labels], dtype=object)
    closeness = np.nan_to_num(np.exp(-distances_m / NEARNESS_M))
    return [
        NEARNESS_WEIGHT
        * float(closeness[(groups == group) | (group is None)].max(initial=0.0))
        for group in NEARNESS_GROUPS
    ]


def _group(name: str) -> str:
    try:
        return by_name(name).group
    except UnknownClassError:
        return ''
