"""Composes a street world from a seed: who stands where, and who moves how.

Our design; the shares of classes and urgencies that follow are measured in
``docs/street_world.md``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import buildings, furniture, hazards, scenery, signs
from .actor import Actor
from .camera import Walk
from .lighting import Light
from .mesh import Mesh
from .placer import Placer


@dataclass(frozen=True)
class World:
    """A composed world.

    Attributes:
        street: Its plan.
        light: Its light.
        walk: The camera's walk.
        actors: All actors, scenery first.
        mesh: Their polygons.
        lamps: (L, 4) float64 X, Y, Z, strength of street lamps.
    """

    street: scenery.Street
    light: Light
    walk: Walk
    actors: list[Actor]
    mesh: Mesh
    lamps: np.ndarray


class _Composer(Placer):
    """Fills a street."""

    def crossing(self) -> None:
        """Kerbs, stripes, lights and traffic where a side road cuts the path."""
        street, rng = self.street, self.rng
        if street.cross is None:
            if self.chance(0.3):
                z = self.depth(4.0, 14.0)
                road = street.span(
                    street.kerb_m + 0.1, street.kerb_m + street.road_m - 0.1
                )
                self.add(hazards.crosswalk(*road, z, z + 3.0, along_x=True))
            return
        near, far = street.cross
        path = street.span(-1.3, min(1.5, street.kerb_m - 0.3))
        self.add(hazards.kerb(*path, near, step_up=False))
        self.add(hazards.kerb(*path, far, step_up=True))
        if self.chance(0.75):
            self.add(hazards.crosswalk(*path, near + 0.3, far - 0.3, along_x=False))
        for z in (near - 0.4, far + 0.5):
            if self.chance(0.45):
                x = street.x(street.kerb_m - 0.4)
                if self.free(x, z, 0.3, 0.3):
                    self.add(*signs.traffic_light(rng, x, z))
        if self.chance(0.5):
            middle = (near + far) / 2
            self.walker(
                rng.uniform(-0.9, 1.0), (middle - 1.5, middle + 1.5), None, True
            )
        if self.mood != 'quiet' and self.chance(0.85):
            lane = near + (0.3 if self.chance(0.5) else 0.7) * (far - near)
            side = 1.0 if self.chance(0.5) else -1.0
            start = -side * rng.uniform(1.5, 7.0)
            self.vehicle(start, lane, (side * rng.uniform(3.0, 7.0), 0.0))

    def road(self) -> None:
        """Parked and moving vehicles on the road along the path."""
        street, rng = self.street, self.rng
        lane = street.road_m / 2
        for _ in range(int(rng.integers(0, 5))):
            z = self.depth(5.0, 32.0)
            if not self.in_cross(z, 3.0):
                self.vehicle(street.x(street.kerb_m + 1.15), z, (0.0, 0.0))
        count = {'quiet': 1, 'normal': 2, 'risky': 3}[self.mood]
        for _ in range(int(rng.integers(0, count + 1))):
            near_lane = self.chance(0.5)
            way = -street.road_side if near_lane else street.road_side
            across = street.kerb_m + (0.42 if near_lane else 1.5) * lane
            least = 11.0 if self.mood == 'quiet' else 4.0
            z = self.depth(least, 40.0)
            velocity = (0.0, way * rng.uniform(4.0, 11.0))
            self.vehicle(street.x(across), z, velocity)
        for _ in range(int(rng.integers(0, 3))):
            self.walker(street.far_wall_m - rng.uniform(0.5, 1.8), (8.0, 30.0))

    def wall(self) -> None:
        """Doors, name boards and things that lean on the near facade."""
        street, rng = self.street, self.rng
        face = street.x(-street.wall_m)
        for _ in range(int(rng.integers(0, 2))):
            z = self.depth(3.0, 14.0)
            if not self.in_cross(z, 1.0) and self.free(face, z, 0.2, 0.8):
                self.add(buildings.door(rng, face, z, street.road_side, self.night))
        if street.cross and self.chance(0.5):
            corner = face - street.road_side * rng.uniform(1.0, 3.0)
            self.add(buildings.door(rng, corner, street.cross[1], 0, self.night))
        for _ in range(int(rng.integers(0, 3))):
            z = self.depth(4.0, 18.0)
            if not self.in_cross(z, 0.5):
                sign = signs.shop_sign(rng, face, z, street.road_side, self.night)
                self.add(sign)
        makers = (
            lambda x, z: furniture.trash_bin(rng, x, z),
            lambda x, z: furniture.planter(rng, x, z),
            lambda x, z: furniture.bench(rng, x + street.road_side * 0.6, z),
            lambda x, z: hazards.stairs_up(rng, x + street.road_side * 0.4, z, 0.75),
        )
        for _ in range(int(rng.integers(0, 3))):
            k = int(rng.choice(4, p=(0.25, 0.2, 0.25, 0.3)))
            self.put(makers[k], -street.wall_m + 0.45, (3.0, 16.0), (0.8, 1.2))

    def kerb_side(self) -> None:
        """Furniture along the kerb."""
        street, rng, night = self.street, self.rng, self.night
        across = street.kerb_m - 0.45
        makers: tuple[Callable[[float, float], Actor | list[Actor]], ...] = (
            lambda x, z: furniture.pole(rng, x, z, night),
            lambda x, z: furniture.trash_bin(rng, x, z),
            lambda x, z: furniture.fire_hydrant(rng, x, z),
            lambda x, z: signs.street_sign(rng, x, z),
            lambda x, z: signs.stop_sign(rng, x, z),
            lambda x, z: furniture.tree(rng, x, z),
            lambda x, z: signs.traffic_light(rng, x, z),
            lambda x, z: furniture.bench(rng, x + street.road_side * 0.25, z),
            lambda x, z: [
                furniture.bollard(rng, x, z + 1.6 * k)
                for k in range(rng.integers(2, 4))
            ],
        )
        share = (0.1, 0.1, 0.15, 0.15, 0.13, 0.11, 0.07, 0.1, 0.09)
        for _ in range(int(rng.integers(2, 6))):
            k = int(rng.choice(len(makers), p=share))
            half = (0.3, 2.0) if k == 8 else (0.3, 0.3)
            self.put(makers[k], across, (2.5, 16.0), half)
        if night:
            self.put(makers[0], across, (4.0, 12.0))
        if self.chance(0.3):
            name = 'bicycle' if self.chance(0.5) else 'motorcycle'

            def park(x: float, z: float) -> list[Actor]:
                self.two_wheeler(name, (x, 0.0, z), (0.0, 0.0))
                return []

            self.put(park, across - 0.3, (3.0, 12.0), (0.9, 0.3))

    def obstacle(self, z: tuple[float, float], across: float) -> None:
        """Something in the walking path."""
        street, rng = self.street, self.rng
        tree_x = -0.6 * street.wall_m

        def branch(_: float, at: float) -> list[Actor]:
            root = street.x(tree_x) - street.road_side * 0.35
            reach = street.road_side * rng.uniform(1.3, 2.0)
            trunk = furniture.tree(rng, root, at + 0.05)
            return [trunk, hazards.low_branch(rng, root, at, reach)]

        makers: tuple[Callable[[float, float], Actor | list[Actor]], ...] = (
            lambda x, at: hazards.open_manhole(rng, x, at),
            lambda x, at: hazards.stairs_down(rng, x, at, rng.uniform(0.8, 1.1)),
            lambda x, at: hazards.stairs_up(rng, x, at, rng.uniform(0.8, 1.2)),
            lambda x, at: furniture.wet_floor_sign(rng, x, at),
            branch,
            lambda x, at: hazards.scaffold(rng, x, at, rng.uniform(0.8, 1.2)),
            lambda x, at: furniture.bollard(rng, x, at),
            lambda x, at: furniture.trash_bin(rng, x, at),
        )
        share = (0.19, 0.28, 0.06, 0.13, 0.15, 0.15, 0.02, 0.02)
        k = int(rng.choice(len(makers), p=share))
        half = ((0.9, 0.8), (1.0, 2.9), (1.1, 2.6), (0.35, 0.4))[min(k, 3)]
        if k in (4, 5):
            half = (1.0, 0.4)
        self.put(makers[k], across, z, half)

    def beside(self) -> None:
        """Something small within arm's reach, beside the path or in it."""
        rng = self.rng
        reach = (0.75, 1.0) if self.mood != 'risky' else (0.0, 0.9)
        across = rng.uniform(*reach) * (1.0 if self.chance(0.5) else -1.0)
        z = (1.65, 2.3)
        makers: tuple[Callable[[float, float], Actor | list[Actor]], ...] = (
            lambda x, at: furniture.bollard(rng, x, at),
            lambda x, at: furniture.trash_bin(rng, x, at),
            lambda x, at: furniture.fire_hydrant(rng, x, at),
            lambda x, at: furniture.wet_floor_sign(rng, x, at),
            lambda x, at: furniture.pole(rng, x, at, self.night),
        )
        k = int(rng.integers(len(makers) + 3))
        if k < len(makers):
            self.put(makers[k], across, z, (0.3, 0.3))
        elif k == len(makers):
            self.dog(across, z)
        else:
            self.walker(across, z, 'away' if self.mood == 'quiet' else None)

    def path(self) -> None:
        """Obstacles, people and dogs on the near pavement, by the mood."""
        rng = self.rng
        quiet = self.mood == 'quiet'
        if self.mood == 'risky':
            self.obstacle((1.7, 5.0), rng.uniform(-0.25, 0.25))
        elif not quiet:
            self.obstacle((4.0, 12.0), rng.uniform(-0.5, 0.5))
        for _ in range(int(rng.integers(0, 2 if quiet else 3))):
            side = rng.uniform(1.0, 1.3) * (1.0 if self.chance(0.5) else -1.0)
            self.obstacle((9.0, 16.0) if quiet else (3.5, 14.0), side)
        if self.chance(0.5 if quiet else 0.75):
            self.beside()
        nearest = 8.0 if quiet else 2.5
        for _ in range(int(rng.integers(0, 4))):
            across = rng.uniform(-self.street.wall_m + 0.6, self.street.kerb_m - 0.8)
            self.walker(across, (nearest, 22.0), 'away' if quiet else None)
        if self.chance(0.35):
            self.dog(rng.uniform(-1.3, 1.2), (nearest, 14.0))


def compose(rng: np.random.Generator, max_objects: int) -> World:
    """Draws a world with at most ``max_objects`` labelled actors."""
    composer = _Composer(rng, max_objects)
    street = composer.street
    walk = Walk.sample(rng, rng.uniform(-0.3, 0.3))
    composer.taken.append((-0.8, 0.8, -2.0, 1.6))
    composer.crossing()
    composer.path()
    composer.kerb_side()
    composer.wall()
    composer.road()
    background = [scenery.ground(rng, street)]
    background += buildings.buildings(rng, street, composer.night)
    actors = background + composer.actors
    return World(
        street, composer.light, walk, actors, Mesh.build(actors), _lamps(rng, actors)
    )


def _lamps(rng: np.random.Generator, actors: list[Actor]) -> np.ndarray:
    """Lamps of the lamp posts, and the shop windows' light by the walker."""
    shops = rng.uniform(0.0, 0.45, 2)
    lamps = [(-1.5, 2.5, 3.5, shops[0]), (1.0, 3.0, 13.0, shops[1])]
    for actor in actors:
        if actor.name == 'pole':
            x, _, z = actor.position
            lamps.append((x - 0.45 * math.copysign(1, x), actor.bounds[1, 1], z, 1.1))
    return np.array(lamps[:6])
