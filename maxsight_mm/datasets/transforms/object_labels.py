"""The per-object labels of an image as arrays beside its boxes.

They live in ``results['gt_instance_tasks']``, one array of length N a field, in
the order of ``results['gt_bboxes']``. A transform that leaves boxes out must
index them with :func:`select_objects`; the packing step checks the lengths.
"""

from collections.abc import Collection

import numpy as np

# instance key -> (field of gt_instances, dtype, value that means unlabelled)
OBJECT_FIELDS = {
    'zone': ('zones', np.int64, -1),
    'urgency': ('urgencies', np.int64, -1),
    'distance_m': ('distances_m', np.float32, np.nan),
    'time_to_contact_s': ('times_to_contact_s', np.float32, np.nan),
    'moving': ('moving', np.int64, -1),
    'findability': ('findabilities', np.float32, np.nan),
    'instance_id': ('instances_ids', np.int64, -1),
    'text': ('texts', object, None),
}
# A bool a box: whether the label beside it is a rule of thumb.
HEURISTIC_FIELDS = {
    'zone_source': 'zones_heuristic',
    'urgency_source': 'urgencies_heuristic',
}


def object_arrays(
    instances: list[dict], complete: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """One array (N,) for each field that at least one instance is labelled with.

    Args:
        instances: N instances of an image.
        complete: Keys that every object of the image would carry: where there are
            no objects their arrays are empty, which says that there are none.
    """
    arrays = {}
    for key, (field, dtype, unlabelled) in OBJECT_FIELDS.items():
        known = any(key in instance for instance in instances)
        if known or (not instances and key in complete):
            values = [instance.get(key, unlabelled) for instance in instances]
            arrays[field] = np.array(values, dtype=dtype)
    for key, field in HEURISTIC_FIELDS.items():
        flags = [instance.get(key) == 'heuristic' for instance in instances]
        if any(flags):
            arrays[field] = np.array(flags)
    return arrays


def is_labelled(values: np.ndarray) -> np.ndarray:
    """Which entries of a field are labelled, in any of their numbers: bool (N,).

    Args:
        values: (N, ...).
    """
    if values.dtype == object:
        return np.array([value is not None for value in values], dtype=bool)
    if values.dtype.kind == 'f':
        known = ~np.isnan(values)
    else:
        known = values if values.dtype == bool else values >= 0
    # (N, ...) -> (N,)
    return known.any(axis=tuple(range(1, known.ndim)))


def select_objects(results: dict, keep: np.ndarray) -> None:
    """Leaves out boxes together with all that belongs to them, in place.

    Relations that lose an end are left out, the others renumbered.

    Args:
        results: Pipeline results with ``gt_bboxes``.
        keep: bool (N,).
    """
    for key in ('gt_bboxes', 'gt_bboxes_labels', 'gt_ignore_flags'):
        if key in results:
            results[key] = results[key][keep]
    tasks = results.get('gt_instance_tasks', {})
    results['gt_instance_tasks'] = {name: tasks[name][keep] for name in tasks}
    image_tasks = results.get('gt_tasks', {})
    if 'relations' in image_tasks:
        relations = kept_relations(image_tasks['relations'], keep)
        results['gt_tasks'] = {**image_tasks, 'relations': relations}


def kept_relations(relations: list, keep: np.ndarray) -> list:
    """Relations between kept objects, as indices among them.

    Args:
        relations: ``[subject index, predicate, object index]`` each.
        keep: bool (N,).
    """
    new_index = np.cumsum(keep) - 1
    return [
        [int(new_index[subject]), predicate, int(new_index[object_])]
        for subject, predicate, object_ in relations
        if keep[subject] and keep[object_]
    ]
