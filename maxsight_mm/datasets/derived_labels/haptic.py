"""Which vibration fits a scene: that of its most urgent object.

Heuristic in the bearing: it is that of the box centre by the pinhole rule.
"""

import math

import numpy as np

from ...taxonomy.haptics import haptic_index, side_of_bearing
from ...taxonomy.levels import URGENCIES
from ..label_heuristics import focal_from_fov
from .registry import derives


@derives('haptic_pattern')
def haptic_pattern(results: dict) -> np.ndarray | None:
    """(1,) int64 index in ``HAPTIC_PATTERNS``.

    Of equally urgent objects the nearest counts, where distances are not known the
    one with the largest box. Ignored boxes are left out. None if an object without
    an urgency might be the most urgent one, or if without objects nothing says
    that the scene is safe.
    """
    counted = ~np.asarray(
        results.get('gt_ignore_flags', np.zeros(len(results['gt_bboxes']))), bool
    )
    objects = results.get('gt_instance_tasks', {})
    levels = objects.get('urgencies', np.full(len(counted), -1))[counted]
    if not len(levels):
        safe = results.get('gt_tasks', {}).get('urgency') == 0
        return np.array([0], np.int64) if safe else None
    highest = levels.max()
    if highest < 0 or (highest < len(URGENCIES) - 1 and (levels < 0).any()):
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
    width = results['img_shape'][1]
    focal = results.get('focal_px')
    if focal is None:
        focal_px = focal_from_fov(width)
    else:
        # Recorded for the file's pixels.
        scale = results.get('scale_factor')
        focal_px = focal * (1.0 if scale is None else float(scale[0]))
    offset_px = (box[0] + box[2]) / 2 - width / 2
    return math.degrees(math.atan2(offset_px, focal_px))
