"""Puts actors where there is room: any thing, vehicles, people, dogs.

A place on the ground is taken once: a thing that would stand in another is put
elsewhere or left out.
"""

import math
from collections.abc import Callable

import numpy as np

from . import people, scenery, two_wheelers, vehicles
from .actor import Actor
from .hazards import ROAD_DROP_M
from .lighting import sample_light

MOODS = ('quiet', 'normal', 'risky')
MOOD_SHARES = (0.56, 0.29, 0.15)


class Placer:
    """Adds actors to a street where there is room.

    Args:
        rng: Source of all choices.
        max_objects: Most labelled actors.
    """

    def __init__(self, rng: np.random.Generator, max_objects: int) -> None:
        self.rng = rng
        self.max_objects = max_objects
        self.light = sample_light(rng)
        self.mood = MOODS[int(rng.choice(3, p=MOOD_SHARES))]
        where = {'quiet': (9.5, 13.0), 'normal': (4.8, 12.0), 'risky': (1.6, 6.0)}
        share = {'quiet': 0.34, 'normal': 0.36, 'risky': 0.5}
        cross = where[self.mood] if rng.random() < share[self.mood] else None
        self.street = scenery.sample_street(rng, cross)
        self.actors: list[Actor] = []
        self.taken: list[tuple[float, float, float, float]] = []

    @property
    def night(self) -> bool:
        """Whether lamps are lit."""
        return self.light.night

    def chance(self, share: float) -> bool:
        """True in a share of the cases."""
        return bool(self.rng.random() < share)

    def in_cross(self, z: float, margin: float = 0.5) -> bool:
        """Whether a distance lies on the side road."""
        cross = self.street.cross
        return bool(cross and cross[0] - margin < z < cross[1] + margin)

    def free(self, x: float, z: float, half_x: float, half_z: float) -> bool:
        """Takes a footprint if nothing else has it."""
        box = (x - half_x, x + half_x, z - half_z, z + half_z)
        for other in self.taken:
            if (
                box[0] < other[1]
                and other[0] < box[1]
                and box[2] < other[3]
                and other[2] < box[3]
            ):
                return False
        self.taken.append(box)
        return True

    def add(self, *actors: Actor) -> None:
        """Adds actors that belong together, unless the world is full."""
        named = sum(actor.name is not None for actor in (*self.actors, *actors))
        if named <= self.max_objects:
            self.actors.extend(actors)

    def depth(self, low: float, high: float) -> float:
        """A distance between two, the near ones more often."""
        return float(low * (high / low) ** self.rng.random())

    def put(
        self,
        make: Callable[[float, float], Actor | list[Actor]],
        across: float,
        z: tuple[float, float],
        half: tuple[float, float] = (0.35, 0.35),
        on_road: bool = False,
    ) -> bool:
        """Tries a few distances for a thing at ``across`` metres to the road."""
        x = self.street.x(across)
        for _ in range(4):
            at = self.depth(*z)
            off = not on_road and self.in_cross(at, half[1] + 0.3)
            if off or not self.free(x, at, *half):
                continue
            made = make(x, at)
            self.add(*(made if isinstance(made, list) else [made]))
            return True
        return False

    def vehicle(self, x: float, z: float, velocity: tuple[float, float]) -> None:
        """A mover of some kind on the road; standing still if velocity is zero."""
        rng, night = self.rng, self.night
        yaw = vehicles.heading_yaw(velocity)
        if velocity == (0.0, 0.0):
            yaw = 0.0 if self.street.road_side < 0 else math.pi
        moves = velocity != (0.0, 0.0)
        share = (
            (0.44, 0.17, 0.12, 0.16, 0.11) if moves else (0.56, 0.19, 0.14, 0.06, 0.05)
        )
        kind = int(rng.choice(5, p=share))
        along_z = abs(velocity[1]) >= abs(velocity[0])
        sizes = ((0.95, 2.3), (1.3, 5.2), (1.25, 3.7), (0.4, 1.0), (0.4, 1.1))
        half = sizes[kind] if along_z else sizes[kind][::-1]
        if not self.free(x, z, *half):
            return
        place = (x, -ROAD_DROP_M, z)
        if kind < 3:
            name = ('car', 'bus', 'truck')[kind]
            shape = (vehicles.car, vehicles.bus, vehicles.truck)[kind](rng, night)
            actor = Actor(name, shape, place, yaw, velocity)
            if name == 'bus':
                actor.text = f'{int(rng.integers(2, 99))}'
                half_l = max(v[2] for v in shape.vertices)
                actor.text_quad = [
                    (0.35, 2.87, half_l),
                    (-0.35, 2.87, half_l),
                    (-0.35, 2.58, half_l),
                    (0.35, 2.58, half_l),
                ]
                actor.text_ink = (60, 210, 250)
            self.add(actor)
            return
        self.two_wheeler('bicycle' if kind == 3 else 'motorcycle', place, velocity)

    def two_wheeler(
        self,
        name: str,
        place: tuple[float, float, float],
        velocity: tuple[float, float],
    ) -> None:
        """A bicycle or motorcycle, ridden if it moves."""
        view = vehicles.heading_view(velocity)
        if velocity == (0.0, 0.0):
            view = 'right' if self.chance(0.5) else 'left'
        shape = (
            two_wheelers.bicycle(self.rng, view)
            if name == 'bicycle'
            else two_wheelers.motorcycle(self.rng, view, self.night)
        )
        machine = Actor(name, shape, place, 0.0, velocity)
        if velocity == (0.0, 0.0):
            self.add(machine)
            return
        x, y, z = place
        behind = 0.25 if view == 'front' else -0.02
        body = Actor(
            'person', people.rider(self.rng, view), (x, y, z + behind), 0.0, velocity
        )
        self.add(machine, body)

    def walker(
        self,
        across: float,
        z: tuple[float, float],
        heading: str | None = None,
        on_road: bool = False,
    ) -> None:
        """A person on a pavement; heading 'near', 'away', 'across', 'still'."""
        rng = self.rng
        heading = heading or str(
            rng.choice(('near', 'away', 'across', 'still'), p=(0.34, 0.26, 0.15, 0.25))
        )
        speed = rng.uniform(0.9, 1.6)
        side = 1.0 if self.chance(0.5) else -1.0
        velocity = {
            'near': (0.0, -speed),
            'away': (0.0, speed),
            'across': (side * speed, 0.0),
            'still': (0.0, 0.0),
        }[heading]
        view = vehicles.heading_view(velocity)
        if heading == 'still':
            view = str(rng.choice(('front', 'back', 'right', 'left')))
        child = self.chance(0.15)
        height = rng.uniform(1.1, 1.4) if child else rng.uniform(1.55, 1.9)

        def make(x: float, at: float) -> Actor:
            shape, limbs = people.person(rng, height, view, heading != 'still')
            foot = -ROAD_DROP_M if on_road else 0.0
            return Actor('person', shape, (x, foot, at), 0.0, velocity, limbs)

        self.put(make, across, z, (0.4, 0.5), on_road)

    def dog(self, across: float, z: tuple[float, float]) -> None:
        """A dog that walks or sits about."""
        rng = self.rng
        walking = self.chance(0.6)
        view = str(rng.choice(('right', 'left', 'front')))
        speed = rng.uniform(0.5, 1.2)
        velocity = (0.0, 0.0)
        if walking and view != 'front':
            velocity = (speed if view == 'right' else -speed, 0.0)
        elif walking:
            velocity = (0.0, -speed)

        def make(x: float, at: float) -> Actor:
            shape, limbs = people.dog(rng, view, walking)
            return Actor('dog', shape, (x, 0, at), 0.0, velocity, limbs)

        self.put(make, across, z, (0.5, 0.3))
