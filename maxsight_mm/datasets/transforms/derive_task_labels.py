"""Adds labels that follow from others, such as how hard a scene is to walk through."""

import difflib
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ..derived_labels.registry import DERIVED, PER_OBJECT, USES


@TRANSFORMS.register_module()
class DeriveTaskLabels(BaseTransform):
    """Runs functions of ``datasets/derived_labels`` on the picture as it is now.

    Stands after all changes of geometry and of colour: some labels are read from the
    pixels, and describe the picture that the network sees.

    Labels of the image go to ``gt_tasks``, those of the boxes to
    ``gt_instance_tasks``; floats become float32, whole numbers and bools int64. A
    function that gives None leaves the sample unlabelled. A label that the data set
    carries under the same name stays. A sample of no data set, such as a picture to
    be looked at, has no labels to derive from and passes unchanged.

    A label that is made of a heuristic zone or urgency is marked as they are: that of
    the image in ``heuristic_tasks``, those of the boxes in ``<label>_heuristic``, bool
    (N,).

    Args:
        labels: Names in ``DERIVED``, run in this order; a later function sees what
            the earlier ones made.

    Raises:
        ValueError: If a name is unknown, the labels are not loaded yet, or a
            function gives an array of another length than there are boxes.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        for name in labels:
            if name not in DERIVED:
                raise ValueError(_unknown(name))
        self.labels = tuple(labels)

    def transform(self, results: dict) -> dict:
        """Adds to ``gt_tasks`` and ``gt_instance_tasks``."""
        if 'instances' not in results:
            return results
        for key in ('gt_tasks', 'gt_instance_tasks', 'gt_bboxes'):
            if key not in results:
                raise ValueError(
                    f'DeriveTaskLabels needs {key}: put LoadTaskAnnotations before it'
                )
        for name in self.labels:
            group = 'gt_instance_tasks' if name in PER_OBJECT else 'gt_tasks'
            if name in results[group]:
                continue
            values = DERIVED[name](results)
            if values is None:
                continue
            values = np.atleast_1d(values)
            kind = np.float32 if values.dtype.kind == 'f' else np.int64
            count = len(results['gt_bboxes'])
            if name in PER_OBJECT and len(values) != count:
                raise ValueError(
                    f'{results.get("img_path", "image")}: {count} boxes but {name} '
                    f'has the shape {values.shape}'
                )
            results[group] = {**results[group], name: values.astype(kind)}
            _mark_heuristic(results, name)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(labels={list(self.labels)})'


def _mark_heuristic(results: dict, name: str) -> None:
    """Marks a label that was just made of heuristic ones."""
    fields = results['gt_instance_tasks']
    marks = [f'{used}_heuristic' for used in USES.get(name, ())]
    guessed = [fields[mark] for mark in marks if mark in fields]
    if not guessed or not np.any(guessed):
        return
    if name in PER_OBJECT:
        flags = np.any(guessed, axis=0)
        results['gt_instance_tasks'] = {**fields, f'{name}_heuristic': flags}
    else:
        results['heuristic_tasks'] = (*results.get('heuristic_tasks', ()), name)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(str(name), DERIVED, n=1, cutoff=0.0)
    hint = f'; did you mean {near[0]!r}?' if near else '; none are registered'
    return f'no derived label {name!r}{hint}'
