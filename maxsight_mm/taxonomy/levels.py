"""The two ordered scales of every safety answer: distance zone and urgency.

Zone limits are our design. At a walking pace of 1.4 m/s an object at 2.5 m is
under two seconds away and one at 8 m under six, so *near* asks for a reaction,
*medium* for a plan and *far* for awareness.
"""

import bisect

ZONES = ('near', 'medium', 'far')
ZONE_LIMITS_M = (2.5, 8.0)

URGENCIES = ('safe', 'caution', 'warning', 'danger')


def zone_of_distance(distance_m: float) -> int:
    """Zone index (0 near, 1 medium, 2 far) of a distance in metres.

    A distance equal to a limit belongs to the farther zone.

    Raises:
        ValueError: If ``distance_m`` is negative or not a number.
    """
    if not distance_m >= 0:
        raise ValueError(f'distance_m must be >= 0, got {distance_m!r}')
    return bisect.bisect_right(ZONE_LIMITS_M, distance_m)
