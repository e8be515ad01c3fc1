"""How one gets on: what to look at first, where it is free, how hard it is.

Our design; the limits are rules of thumb. A walker does 1.4 m/s, so 4 m are three
seconds. All labels speak of what is labelled: a facade that carries no box is not
seen. Without distances an image is unlabelled.
"""

import numpy as np

from ...taxonomy import URGENCIES
from ...taxonomy.lighting import LIGHTINGS
from .registry import derives
from .surroundings import Surroundings, all_in_view, surroundings_of

# Left, ahead, right: from and to in degrees right of the heading.
SECTORS_DEG = ((-45.0, -12.0), (-12.0, 12.0), (12.0, 45.0))
FREE_M = 4.0
# Less is the corner of a box, not a thing in the way.
LEAST_OVERLAP_DEG = 2.0

HEAD_RANGE_M = 6.0
BODY_HALF_WIDTH_M = 0.75

CORRIDOR_HALF_WIDTH_M = 1.0
CORRIDOR_M = 10.0
TRAFFIC_M = 8.0
# How hard it is to see, in the order of LIGHTINGS.
DIMNESS = dict(zip(LIGHTINGS, (0.0, 0.1, 0.5, 1.0, 0.8), strict=True))

PRIORITY_DISTANCE_M = 5.0
PRIORITY_TIME_S = 4.0


@derives('roi_priorities', per_object=True, uses=('urgencies',))
def roi_priorities(results: dict) -> np.ndarray | None:
    """How soon each object needs looking at.

    ``0.5 urgency / 3 + 0.25 exp(-distance / 5 m) + 0.25 exp(-time to contact / 4 s)``.
    No time to contact means none is to come.

    Returns:
        (N,) float32 in [0, 1], nan without urgency or distance.
    """
    fields = results['gt_instance_tasks']
    if 'urgencies' not in fields or 'distances_m' not in fields:
        return None
    urgencies, distances_m = fields['urgencies'], fields['distances_m']
    times_s = fields.get('times_to_contact_s', np.full(len(urgencies), np.inf))
    soon = np.exp(-np.nan_to_num(times_s, nan=np.inf) / PRIORITY_TIME_S)
    near = np.exp(-distances_m / PRIORITY_DISTANCE_M)
    priority = 0.5 * urgencies / (len(URGENCIES) - 1) + 0.25 * near + 0.25 * soon
    return np.where(urgencies < 0, np.nan, priority).astype(np.float32)


@derives('free_path')
def free_path(results: dict) -> np.ndarray | None:
    """Whether one can go 4 m to the left, ahead and to the right.

    A sector is free if no obstacle within 4 m covers 2 degrees of it. Obstacles are
    what must be walked around (``surroundings.obstructs``).

    Returns:
        (3,) float32: 1 free, 0 not, nan where an obstacle of unknown distance, or one
        that was cropped away, could make the difference.
    """
    about = surroundings_of(results)
    if about is None:
        return None
    free = np.ones(len(SECTORS_DEG), np.float32)
    for index, (low, high) in enumerate(SECTORS_DEG):
        left = np.maximum(about.bearings_deg[:, 0], low)
        right = np.minimum(about.bearings_deg[:, 1], high)
        inside = about.obstructs & (right - left >= LEAST_OVERLAP_DEG)
        near = _any_within(about.distances_m[inside], FREE_M, all_in_view(results))
        free[index] = 1 - near
    return free


@derives('head_obstacle')
def head_obstacle(results: dict) -> np.ndarray | None:
    """Whether something hangs at the height of a head within 6 m ahead.

    Ahead is 1.5 m wide: the body, and the room by which one strays.

    Returns:
        (1,) float32: 1 yes, 0 no, nan if it depends on an unknown distance or on what
        was cropped away.
    """
    about = surroundings_of(results)
    if about is None:
        return None
    ahead = _width_within(about, BODY_HALF_WIDTH_M) > 0
    ahead |= np.isnan(about.distances_m)
    hanging = about.distances_m[about.overhead & ahead]
    found = _any_within(hanging, HEAD_RANGE_M, all_in_view(results))
    return np.array([found], np.float32)


@derives('navigation_difficulty')
def navigation_difficulty(results: dict) -> np.ndarray | None:
    """How hard the scene is to walk through.

    Three hindrances, each in [0, 1], joined as if independent,
    ``1 - (1 - 0.8 blocked)(1 - 0.5 traffic)(1 - 0.4 dimness)``:

    - blocked: each obstacle takes the share of a corridor 2 m wide that it covers,
      times ``1 - distance / 10 m``; what several leave is multiplied.
    - traffic: ``1 - exp(-sum of exp(-distance / 8 m))`` over what moves.
    - dimness: ``DIMNESS`` of the lighting.

    Returns:
        (1,) float32 in [0, 1]; None if a distance, whether something moves or the
        lighting is not labelled, or if an object was cropped away.
    """
    about = surroundings_of(results)
    moving = results['gt_instance_tasks'].get('moving')
    dimness = DIMNESS.get(results['gt_tasks'].get('lighting', ''))
    if about is None or moving is None or dimness is None:
        return None
    if not all_in_view(results):
        return None
    if np.isnan(about.distances_m).any() or (moving < 0).any():
        return None
    covered = _width_within(about, CORRIDOR_HALF_WIDTH_M) / (2 * CORRIDOR_HALF_WIDTH_M)
    nearness = np.clip(1 - about.distances_m / CORRIDOR_M, 0, 1)
    blocked = 1 - np.prod(1 - covered * nearness * about.obstructs)
    traffic = 1 - np.exp(-np.exp(-about.distances_m[moving > 0] / TRAFFIC_M).sum())
    ease = (1 - 0.8 * blocked) * (1 - 0.5 * traffic) * (1 - 0.4 * dimness)
    return np.array([1 - ease], np.float32)


def _width_within(about: Surroundings, half_width_m: float) -> np.ndarray:
    """(N,) metres that each object covers of a corridor about the heading."""
    inside = np.clip(about.spans_m, -half_width_m, half_width_m)
    return np.nan_to_num(inside[:, 1] - inside[:, 0])


def _any_within(distances_m: np.ndarray, limit_m: float, complete: bool) -> float:
    """1 if one is nearer, 0 if none is, nan if that depends on an unknown one.

    Where the distances are not ``complete`` there is always an unknown one.
    """
    if (distances_m < limit_m).any():
        return 1.0
    unknown = np.isnan(distances_m).any() or not complete
    return float('nan') if unknown else 0.0
