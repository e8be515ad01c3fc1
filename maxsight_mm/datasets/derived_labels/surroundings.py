"""Where the labelled objects stand about the walker, for the labels made of that.

The optical axis is taken to be the middle of the picture and the way the walker is
heading; bearings follow from the box by the pinhole rule. What hides behind the
nearest point of an object is not known, so an object is a bar across its bearings at
its distance. Our design.
"""

from dataclasses import dataclass

import numpy as np

from ...taxonomy import by_name
from ...taxonomy.classes import ClassSpec, UnknownClassError
from ..label_heuristics import focal_from_fov

# What is lower can be stepped on or over: a kerb has 12 cm.
STEP_HEIGHT_M = 0.2
_DANGER = 3
# A scaffold has a bar at the height of a head; the group holds only what hangs.
_OVERHEAD_CLASSES = ('scaffold',)


@dataclass(frozen=True)
class Surroundings:
    """N objects about the walker.

    Attributes:
        distances_m: (N,) float32 over the ground to the nearest point, nan unknown.
        bearings_deg: (N, 2) float64 of the left and the right edge, right positive.
        spans_m: (N, 2) float64 metres right of the heading, of both edges.
        obstructs: (N,) bool; see :func:`obstructs`.
        overhead: (N,) bool; see :func:`is_overhead`.
    """

    distances_m: np.ndarray
    bearings_deg: np.ndarray
    spans_m: np.ndarray
    obstructs: np.ndarray
    overhead: np.ndarray


def surroundings_of(results: dict) -> Surroundings | None:
    """The objects of a sample; None without distances or class names."""
    distances_m = results['gt_instance_tasks'].get('distances_m')
    classes = results.get('classes')
    if distances_m is None or not classes:
        return None
    boxes = results['gt_bboxes'].tensor.numpy().astype(np.float64)
    width = results['img_shape'][1]
    bearings = np.arctan((boxes[:, [0, 2]] - width / 2) / focal_px_of(results))
    specs = [_spec(classes[label]) for label in results['gt_bboxes_labels']]
    return Surroundings(
        distances_m=distances_m,
        bearings_deg=np.degrees(bearings),
        spans_m=np.sin(bearings) * distances_m[:, None],
        obstructs=np.array([obstructs(spec) for spec in specs], bool),
        overhead=np.array([is_overhead(spec) for spec in specs], bool),
    )


def all_in_view(results: dict) -> bool:
    """Whether no object was cropped away or left out on loading.

    Only then may be said what is not there: a manhole below the border of a crop
    lies in the path all the same.
    """
    return not results.get('objects_left_out', False)


def focal_px_of(results: dict) -> float:
    """Focal length in px of the network's input; assumed where none is recorded."""
    focal = results.get('focal_px')
    if focal is None:
        return focal_from_fov(results['img_shape'][1])
    # Recorded for the file's pixels.
    scale = results.get('scale_factor')
    return focal * (1.0 if scale is None else float(scale[0]))


def obstructs(spec: ClassSpec | None) -> bool:
    """Whether one must walk around it: higher than a step, or dangerous like a hole.

    A class that is not in the table does.
    """
    return spec is None or spec.height_m >= STEP_HEIGHT_M or spec.urgency == _DANGER


def is_overhead(spec: ClassSpec | None) -> bool:
    """Whether it meets a head where a cane finds nothing."""
    if spec is None:
        return False
    return spec.group == 'head height' or spec.name in _OVERHEAD_CLASSES


def _spec(name: str) -> ClassSpec | None:
    try:
        return by_name(name)
    except UnknownClassError:
        return None
