"""How urgent an object is: a physical rule that a picture can show.

With w the walker's speed and an object whose footprint below 2 m (what a body or
a head can hit) lies z metres ahead and moves with its own velocity:

* *time to contact* is z / (closing speed along the walk), infinite while the
  object keeps its distance or recedes;
* it is *in the path* if, on its own course, some part of it comes within 0.4 m of
  the walking line while the walker passes its stretch of ground;
* its *horizon* is 1.5 s + 0.75 s x the default urgency of its class: the time in
  which a walker must react; longer for what hurts more (a hole) than for what
  does not (a bin).

========  ==================================================================
danger    in the path, contact within one horizon
warning   in the path, contact within two horizons; or a moving vehicle that
          passes within 1 m of the path within one horizon
caution   in the path, contact within three horizons; or in the near zone and
          of a class that is not harmless by default; or a moving vehicle
          within 10 m
safe      everything else; what lies flat on the ground is never above caution
========  ==================================================================

The urgency of an image is the highest of its objects. The limits are our design;
they are heuristic, not taken from a study of walkers.
"""

import math
from dataclasses import dataclass

from ..taxonomy import ZONE_LIMITS_M, by_name
from .actor import Actor
from .camera import Camera

BODY_HALF_WIDTH_M = 0.4
PASSING_GAP_M = 1.0
TRAFFIC_RANGE_M = 10.0
VEHICLES = ('bicycle', 'car', 'motorcycle', 'bus', 'truck')


@dataclass(frozen=True)
class Contact:
    """How an object and the walker meet, if both keep on.

    Attributes:
        time_s: Seconds until the walker reaches it; inf if never.
        gap_m: Least distance from the walking line to the object while the
            walker passes; 0 where they touch, inf if they never meet.
    """

    time_s: float
    gap_m: float


def is_traffic(name: str | None, moving: bool) -> bool:
    """Whether an object is a vehicle on its way."""
    return moving and name in VEHICLES


def contact(actor: Actor, time_s: float, camera: Camera, speed_mps: float) -> Contact:
    """Meeting of a walker at ``camera`` who goes on along +Z, and an actor."""
    bounds = actor.contact_bounds
    overhead = bounds is None
    if bounds is None:
        bounds = actor.bounds
    x, _, z = actor.place_at(time_s)
    vx, vz = actor.velocity
    near, far = (bounds[:, 2] + z - camera.position[2]).tolist()
    low, high = (bounds[:, 0] + x - camera.position[0]).tolist()
    closing = speed_mps - vz
    if closing < 0.05 or far <= 0:
        return Contact(math.inf, math.inf)
    arrive, leave = max(near, 0.0) / closing, far / closing
    since = 0.0 if is_traffic(actor.name, actor.moving) else arrive
    low += min(vx * since, vx * leave)
    high += max(vx * since, vx * leave)
    gap = max(low, -high, 0.0) if not overhead else math.inf
    return Contact(arrive, gap)


def urgency_of(name: str, moving: bool, distance_m: float, meeting: Contact) -> int:
    """Urgency (0 safe to 3 danger) of one object by the rule above."""
    default = by_name(name).urgency
    horizon = 1.5 + 0.75 * default
    traffic = is_traffic(name, moving)
    in_path = meeting.gap_m <= BODY_HALF_WIDTH_M
    level = 0
    if in_path and meeting.time_s <= 3 * horizon:
        level = 1
    if default > 0 and distance_m < ZONE_LIMITS_M[0]:
        level = 1
    if traffic and distance_m < TRAFFIC_RANGE_M:
        level = 1
    if name == 'crosswalk':
        return level
    passing = traffic and meeting.gap_m <= BODY_HALF_WIDTH_M + PASSING_GAP_M
    if passing and meeting.time_s <= horizon:
        level = 2
    if in_path and meeting.time_s <= 2 * horizon:
        level = 2
    if in_path and meeting.time_s <= horizon:
        level = 3
    return level
