"""Relations between objects and a caption, from where things are in the world.

Positions are taken in the camera's ground frame: x to the right, z ahead, height
above the pavement, in metres. A pair is related if their centres are at most
``REACH_M`` apart over the ground; then, with dx, dz their offsets:

* *on*: the subject's middle lies on the object, which is flat or a stair;
* *above* / *below*: one ends where the other begins and they overlap over ground;
* *left of* / *right of*: ``|dx| >= |dz|`` and ``|dx| > 0.3`` m;
* *in front of* / *behind*: ``|dz| > |dx|`` and ``|dz| > 0.3`` m (in front: nearer
  to the camera);
* *near*: centres at most ``NEAR_M`` apart, once for each pair.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..taxonomy import URGENCIES
from ..taxonomy.vocabulary import plural
from .street_frame import Relation

PREDICATES = (
    'left of',
    'right of',
    'in front of',
    'behind',
    'above',
    'below',
    'on',
    'near',
)
REACH_M = 4.0
NEAR_M = 1.5
LEAST_M = 0.3
SUPPORTS = ('crosswalk', 'stairs up', 'kerb')


@dataclass(frozen=True)
class Extent:
    """Where an object is, relative to the camera's foot; metres.

    Attributes:
        name: Class name.
        low: (x, height, z) of its lowest corner.
        high: (x, height, z) of its highest corner.
    """

    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    @property
    def middle(self) -> tuple[float, float]:
        """Centre over the ground: (x, z)."""
        return (self.low[0] + self.high[0]) / 2, (self.low[2] + self.high[2]) / 2


def relate(extents: list[Extent]) -> list[Relation]:
    """All relations among objects by the rules above, as (i, predicate, j)."""
    relations = []
    middles = [extent.middle for extent in extents]
    for i, a in enumerate(extents):
        for j, b in enumerate(extents):
            if i == j:
                continue
            dx, dz = middles[i][0] - middles[j][0], middles[i][1] - middles[j][1]
            apart = math.hypot(dx, dz)
            if _lies_on(a, b):
                relations.append((i, 'on', j))
                continue
            if apart > REACH_M or _lies_on(b, a):
                continue
            predicate = _direction(a, b, dx, dz)
            if predicate:
                relations.append((i, predicate, j))
            if i < j and apart <= NEAR_M:
                relations.append((i, 'near', j))
    return relations


def _lies_on(a: Extent, b: Extent) -> bool:
    if b.name not in SUPPORTS or a.name in SUPPORTS or a.low[1] > b.high[1] + 0.3:
        return False
    x, z = a.middle
    return b.low[0] <= x <= b.high[0] and b.low[2] <= z <= b.high[2]


def _direction(a: Extent, b: Extent, dx: float, dz: float) -> str | None:
    if all(
        max(a.low[axis], b.low[axis]) <= min(a.high[axis], b.high[axis]) + 0.3
        for axis in (0, 2)
    ):
        if a.low[1] >= b.high[1] - 0.05:
            return 'above'
        if b.low[1] >= a.high[1] - 0.05:
            return 'below'
    if max(abs(dx), abs(dz)) <= LEAST_M:
        return None
    if abs(dx) >= abs(dz):
        return 'left of' if dx < 0 else 'right of'
    return 'in front of' if dz < 0 else 'behind'


_SCENES = {
    'day': 'A street in daylight',
    'overcast': 'A street under a grey sky',
    'dusk': 'A street at dusk',
    'night': 'A street at night',
    'fog': 'A street in fog',
}


def describe(
    lighting: str,
    extents: list[Extent],
    distances_m: np.ndarray,
    urgencies: np.ndarray,
    moving: np.ndarray,
) -> str:
    """A caption: the scene, its most common things, and the most urgent one.

    Args:
        lighting: One of ``LIGHTINGS``.
        extents: N extents, nearest first.
        distances_m: (N,) metres.
        urgencies: (N,) 0 to 3.
        moving: (N,) bool.
    """
    scene = _SCENES[lighting]
    if not extents:
        return f'{scene} with nothing near.'
    counts = Counter(extent.name for extent in extents).most_common(4)
    things = [_counted(name, count) for name, count in counts]
    listed = things[0]
    if len(things) > 1:
        listed = f'{", ".join(things[:-1])} and {things[-1]}'
    worst = int(np.argmax(urgencies))
    if urgencies[worst] == 0:
        return f'{scene} with {listed}. The way ahead is clear.'
    x, z = extents[worst].middle
    side = 'ahead'
    if abs(x) > 0.35 * max(z, 1e-6):
        side = 'to the left' if x < 0 else 'to the right'
    verb = 'moving' if moving[worst] else ''
    article = 'An' if extents[worst].name[0] in 'aeiou' else 'A'
    subject = ' '.join(filter(None, (article, verb, extents[worst].name)))
    if verb:
        subject = subject.replace('An moving', 'A moving')
    level = URGENCIES[int(urgencies[worst])]
    return (
        f'{scene} with {listed}. '
        f'{subject} {max(distances_m[worst], 0.1):.1f} m {side}: '
        f'{level}.'
    )


def _counted(name: str, count: int) -> str:
    if count == 1:
        if name.startswith('stairs'):
            return name
        return f'{"an" if name[0] in "aeiou" else "a"} {name}'
    words = {2: 'two', 3: 'three', 4: 'four', 5: 'five', 6: 'six'}
    things = name if name.startswith('stairs') else plural(name)
    return f'{words.get(count, "several")} {things}'
