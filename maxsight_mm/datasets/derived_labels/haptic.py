"""Which vibration fits a scene: that of its most urgent object.

Heuristic in the bearing: it is that of the box centre by the pinhole rule.
"""

import math

import numpy as np

from ...taxonomy.haptics import haptic_index, side_of_bearing
from ...taxonomy.levels import URGENCIES
from .registry import derives
from .surroundings import all_in_view, focal_px_of


@derives('haptic_pattern', uses=('urgencies',))
def haptic_pattern(results: dict) -> np.ndarray | None:
    """(1,) int64 index in ``HAPTIC_PATTERNS``.

    Of equally urgent objects the nearest counts, where distances are not known the
    one with the largest box. Ignored boxes are left out. None if an object without
    an urgency, or one that is ignored or was cropped away, might be the most urgent
    one, or if without objects nothing says that the scene is safe.
    """
    counted = ~np.asarray(
        results.get('gt_ignore_flags', np.zeros(len(results['gt_bboxes']))), bool
    )
    objects = results.get('gt_instance_tasks', {})
    urgencies = objects.get('urgencies', np.full(len(counted), -1))
    levels, ignored = urgencies[counted], urgencies[~counted]
    complete = all_in_view(results) and not (urgencies < 0).any()
    complete &= not (ignored > levels.max(initial=0)).any()
    if not len(levels):
        empty = 'urgencies' in objects and not len(counted)
        safe = results.get('gt_tasks', {}).get('urgency') == 0
        return np.array([0], np.int64) if complete and (safe or empty) else None
    highest = levels.max()
    if highest < 0 or (highest < len(URGENCIES) - 1 and not complete):
        return None
    if highest == 0:
        return np.array([0], np.int64)
    boxes = results['gt_bboxes'].tensor.numpy()[counted]
    distances = objects.get('distances_m', np.full(len(counted), np.nan))[counted]
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    nearness = np.where(np.isfinite(distances), distances, np.inf)
    candidates = np.flatnonzero(levels == highest)
    chosen = min(candidates, key=lambda i: (nearness[i], -area[i]))
    bearing = _bearing_deg(boxes[chosen], results)
    pattern = haptic_index(int(highest), side_of_bearing(bearing))
    return np.array([pattern], np.int64)


def _bearing_deg(box: np.ndarray, results: dict) -> float:
    """Degrees right of the optical axis, taken to be the middle of the image."""
    offset_px = (box[0] + box[2]) / 2 - results['img_shape'][1] / 2
    return math.degrees(math.atan2(offset_px, focal_px_of(results)))
