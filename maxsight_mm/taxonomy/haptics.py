"""Vibrations that tell how urgent and on which side, for any phone or belt.

Urgency is the number of times a motif is played, its pace and its strength; the
side is the rhythm of the motif, so that one motor suffices: short-long for left,
even for ahead, long-short for right. Where there are two motors the ``side`` tells
which to drive. Pulses of 60 ms and more are what phone motors can start and stop.
Our design, not tested with users.
"""

from dataclasses import dataclass

from .levels import URGENCIES

SIDES = ('left', 'ahead', 'right')
# Half-angle of *ahead*: a body 0.8 m wide at the near limit of 2.5 m spans 9.1
# degrees either way, here rounded up.
AHEAD_HALF_ANGLE_DEG = 10.0

_MOTIFS = {'left': (80, 240), 'ahead': (160, 160), 'right': (240, 80)}
# level -> (times played, pause within in ms, pause between in ms, strength)
_LEVELS = {
    'caution': (1, 100, 0, 0.5),
    'warning': (2, 80, 200, 0.75),
    'danger': (3, 60, 120, 1.0),
}


@dataclass(frozen=True)
class HapticPattern:
    """One vibration.

    Attributes:
        name: 'none', or level and side, as 'danger left'.
        urgency: Index in ``URGENCIES``.
        side: One of ``SIDES``, or None.
        pulses_ms: (on, off) times in turn; the last off is 0.
        strength: Share of the motor's full strength.
    """

    name: str
    urgency: int
    side: str | None = None
    pulses_ms: tuple[tuple[int, int], ...] = ()
    strength: float = 0.0

    @property
    def duration_ms(self) -> int:
        """Length from the first pulse to the end of the last."""
        return sum(on + off for on, off in self.pulses_ms)


def _pattern(level: str, side: str) -> HapticPattern:
    times, within, between, strength = _LEVELS[level]
    first, second = _MOTIFS[side]
    pulses = [(first, within), (second, between)] * times
    pulses[-1] = (second, 0)
    return HapticPattern(
        f'{level} {side}', URGENCIES.index(level), side, tuple(pulses), strength
    )


HAPTIC_PATTERNS = (
    HapticPattern('none', 0),
    *(_pattern(level, side) for level in URGENCIES[1:] for side in SIDES),
)


def side_of_bearing(bearing_deg: float) -> str:
    """'left', 'ahead' or 'right' of a bearing, positive to the right.

    Raises:
        ValueError: If the bearing is not a number.
    """
    if bearing_deg != bearing_deg:
        raise ValueError('bearing_deg must be a number, got nan')
    if abs(bearing_deg) <= AHEAD_HALF_ANGLE_DEG:
        return 'ahead'
    return 'right' if bearing_deg > 0 else 'left'


def haptic_index(urgency: int, side: str) -> int:
    """Index in ``HAPTIC_PATTERNS``; urgency 0 is 0 whatever the side.

    Raises:
        ValueError: If the urgency or the side is unknown.
    """
    if not 0 <= urgency < len(URGENCIES) or side not in SIDES:
        raise ValueError(
            f'expected urgency 0 to {len(URGENCIES) - 1} and a side of {SIDES}, '
            f'got {urgency!r} and {side!r}'
        )
    return 1 + (urgency - 1) * len(SIDES) + SIDES.index(side) if urgency else 0
