"""Which concepts a scene shows, by the table of ``taxonomy/concepts.py``."""

import numpy as np

from ...taxonomy import URGENCIES, by_name
from ...taxonomy.classes import UnknownClassError
from ...taxonomy.concepts import CONCEPTS, OBJECT_CONCEPTS
from .registry import derives
from .surroundings import all_in_view

_NEAR, _WARNING = 0, URGENCIES.index('warning')


@derives('concepts', uses=('zones', 'urgencies'))
def concepts(results: dict) -> np.ndarray | None:
    """(16,) float32 0 or 1 in the order of ``CONCEPTS``, nan where unknown.

    *Something near*: an object in the near zone. *Moving traffic*: an object of the
    vehicle group moves. *Urgent*: an object deserves a warning or is a danger. *Text
    to read*: texts are labelled and there is one. That nothing is near, drives or
    urges is unknown where an object was cropped away; the other concepts speak of
    the picture. None without class names or where no class is of the class table.
    """
    specs = [_spec(name) for name in results.get('classes', ())]
    if not any(specs):
        return None
    labels = np.asarray(results['gt_bboxes_labels'], np.int64)
    fields, tasks = results['gt_instance_tasks'], results['gt_tasks']
    shown = np.full(len(CONCEPTS), np.nan, np.float32)
    present = [specs[label] for label in labels]
    for index, concept in enumerate(OBJECT_CONCEPTS):
        if any(spec and concept.holds(spec) for spec in specs):
            shown[index] = any(spec and concept.holds(spec) for spec in present)
    vehicle = np.array([bool(s and s.group == 'vehicle') for s in present], bool)
    scene = (
        float(bool(tasks['texts'])) if 'texts' in tasks else np.nan,
        _any_object(fields.get('zones'), lambda zones: zones == _NEAR),
        _any_object(fields.get('moving'), lambda moving: (moving > 0) & vehicle),
        _any_object(fields.get('urgencies'), lambda levels: levels >= _WARNING),
    )
    shown[len(OBJECT_CONCEPTS) :] = scene
    if not all_in_view(results):
        of_objects = shown[len(OBJECT_CONCEPTS) + 1 :]
        of_objects[of_objects == 0] = np.nan
    return shown


def _spec(name: str):
    try:
        return by_name(name)
    except UnknownClassError:
        return None


def _any_object(values: np.ndarray | None, holds) -> float:
    """1 if it holds for an object, else 0; nan if that depends on an unknown one."""
    if values is None:
        return float('nan')
    if holds(values).any():
        return 1.0
    return 0.0 if (values >= 0).all() else float('nan')
