"""The street itself: its plan, and the ground with road, pavements and markings."""

from dataclasses import dataclass

import numpy as np

from .actor import Actor
from .hazards import ROAD_DROP_M
from .people import pick
from .shape import Colour, Shape, rectangle, shade

FAR_Z_M = 160.0
PAVINGS = ((150, 155, 160), (135, 145, 155), (165, 165, 165), (130, 145, 165))


@dataclass(frozen=True)
class Street:
    """The plan of a street; the road lies on the side ``road_side`` of the path.

    Attributes:
        road_side: +1 with the road on the right, -1 on the left.
        wall_m: Distance of the near facade from the middle of the path.
        kerb_m: Distance of the kerb on the other side.
        road_m: Width of the road.
        far_pavement_m: Width of the pavement beyond it.
        cross: (near, far) Z of a side road across the path, or None.
    """

    road_side: int
    wall_m: float
    kerb_m: float
    road_m: float
    far_pavement_m: float
    cross: tuple[float, float] | None

    @property
    def far_wall_m(self) -> float:
        """Distance of the facade beyond the road from the middle of the path."""
        return self.kerb_m + self.road_m + self.far_pavement_m

    def x(self, across_m: float) -> float:
        """World X of a distance towards the road (negative: towards the wall)."""
        return self.road_side * across_m

    def span(self, a: float, b: float) -> tuple[float, float]:
        """World X of two distances, in rising order."""
        return min(self.x(a), self.x(b)), max(self.x(a), self.x(b))


def sample_street(
    rng: np.random.Generator, cross_m: tuple[float, float] | None
) -> Street:
    """Draws a street plan; ``cross_m`` is where a side road may begin, or None."""
    near = rng.uniform(*cross_m) if cross_m else 0.0
    return Street(
        road_side=1 if rng.random() < 0.5 else -1,
        wall_m=rng.uniform(1.7, 3.0),
        kerb_m=rng.uniform(1.6, 2.6),
        road_m=rng.uniform(6.0, 7.5),
        far_pavement_m=rng.uniform(2.0, 3.5),
        cross=(near, near + rng.uniform(5.5, 7.0)) if cross_m else None,
    )


def _slab(
    shape: Shape,
    x: tuple[float, float],
    z: tuple[float, float],
    y: float,
    c: Colour,
    detail: bool = False,
) -> None:
    points = [(x[0], y, z[0]), (x[1], y, z[0]), (x[1], y, z[1]), (x[0], y, z[1])]
    shape.polygon(points, c, 0, detail)


def ground(rng: np.random.Generator, street: Street) -> Actor:
    """Road, pavements, kerb stones and lane markings as one actor."""
    shape = Shape()
    asphalt = shade((88, 86, 84), rng.uniform(0.8, 1.15))
    paving = pick(rng, PAVINGS)
    road_y = -ROAD_DROP_M
    shape.surface()
    _slab(shape, (-60, 60), (-1.0, FAR_Z_M), road_y, asphalt)
    white = (205, 210, 210)
    middle = street.kerb_m + street.road_m / 2
    for z in np.arange(0.0, 60.0, 4.0).tolist():
        if street.cross and street.cross[0] - 2 < z < street.cross[1]:
            continue
        x = street.span(middle - 0.07, middle + 0.07)
        _slab(shape, x, (z, z + 2.0), road_y, white, True)
    if street.cross:
        z_mid = sum(street.cross) / 2
        for x0 in np.arange(-30.0, 30.0, 4.0).tolist():
            if street.span(-street.wall_m, street.kerb_m)[0] - 2 < x0 < 3:
                continue
            slab = (z_mid - 0.07, z_mid + 0.07)
            _slab(shape, (x0, x0 + 2), slab, road_y, white, True)
    stretches = [(-1.0, FAR_Z_M)]
    if street.cross:
        stretches = [(-1.0, street.cross[0]), (street.cross[1], FAR_Z_M)]
    strips = [(-60.0, street.kerb_m), (street.kerb_m + street.road_m, 60.0)]
    shape.surface()
    for a, b in strips:
        for stretch in stretches:
            _slab(shape, street.span(a, b), stretch, 0.0, paving)
    edge = shade(paving, 1.25)
    joint = shade(paving, 0.86)
    pitch = rng.uniform(0.7, 1.1)
    for stretch in stretches:
        for a in (street.kerb_m - 0.16, street.kerb_m + street.road_m):
            _slab(shape, street.span(a, a + 0.16), stretch, 0.0, edge, True)
        for z in np.arange(pitch, 16.0, pitch).tolist():
            if stretch[0] < z < stretch[1]:
                across = street.span(-street.wall_m, street.kerb_m - 0.16)
                _slab(shape, across, (z, z + 0.02), 0.0, joint, True)
        for a in np.arange(-street.wall_m + pitch, street.kerb_m - 0.3, pitch).tolist():
            far = min(stretch[1], 24.0)
            if far > stretch[0]:
                lane = street.span(a, a + 0.02)
                _slab(shape, lane, (stretch[0], far), 0.0, joint, True)
    _kerb_faces(shape, street, stretches, shade(paving, 0.8))
    return Actor(None, shape, (0, 0, 0), rank=0, shadow=False)


def _kerb_faces(
    shape: Shape, street: Street, stretches: list[tuple[float, float]], colour: Colour
) -> None:
    for a, behind in (
        (street.kerb_m, -1.0),
        (street.kerb_m + street.road_m, 1.0),
    ):
        x = street.x(a)
        shape.surface(inside=(x + street.road_side * behind, -0.05, 5.0))
        for z0, z1 in stretches:
            shape.side(x, rectangle(z0, -ROAD_DROP_M, z1, 0), colour)
    if street.cross:
        z = street.cross[1]
        shape.surface(inside=(0, -0.05, z + 1))
        for a, b in ((-60.0, street.kerb_m), (street.kerb_m + street.road_m, 60.0)):
            x0, x1 = street.span(a, b)
            shape.flat(rectangle(x0, -ROAD_DROP_M, x1, 0), colour, z=z)
