"""Buildings along the street, with windows, shop fronts and doors."""

import numpy as np

from .actor import Actor
from .people import pick
from .scenery import Street
from .shape import Shape, rectangle, shade

WALLS = (
    (120, 140, 170),
    (95, 110, 150),
    (150, 170, 190),
    (130, 130, 135),
    (110, 150, 175),
    (150, 150, 130),
    (85, 95, 120),
)


PANES = tuple(shade((110, 88, 70), 0.7 + 0.1 * k) for k in range(9))


FRAMED_Z_M = 25.0  # beyond it window frames are thinner than a pixel


def building(
    rng: np.random.Generator,
    x: tuple[float, float],
    z: tuple[float, float],
    facing: int,
    night: bool,
    end: bool,
) -> Actor:
    """A block whose facade looks along ``facing`` X (0: along -Z only).

    Its face towards the walker has windows only if it is an ``end`` that no other
    block hides.
    """
    wall = pick(rng, WALLS)
    floors = int(rng.integers(2, 6))
    storey = rng.uniform(2.9, 3.4)
    height = floors * storey + rng.uniform(0.6, 1.2)
    inside = ((x[0] + x[1]) / 2, height / 2, (z[0] + z[1]) / 2)
    trim = shade(wall, rng.uniform(0.6, 0.75))
    shop = pick(rng, ((70, 80, 110), (60, 60, 66), (90, 120, 90), (120, 90, 80)))
    shape = Shape(solid=True)
    pane = rng.uniform(0.8, 1.2)
    pitch = pane + rng.uniform(0.9, 1.4)
    base = 0.85 + 0.55 * rng.random()

    def windows(low: float, high: float, face: float, along_z: bool) -> None:
        """Draws rows of framed panes between two places on the facade."""
        columns = max(int((high - low - 0.4) / pitch), 0)
        start = (low + high - columns * pitch + pitch - pane) / 2
        left = np.tile(start + np.arange(columns) * pitch, floors - 1)
        floor = np.repeat(np.arange(1, floors) * storey + 0.9, columns)
        if z[0] < FRAMED_Z_M:
            shape.details(
                _upright(left - 0.08, floor - 0.08, pane + 0.16, 1.56, face, along_z),
                [shade(wall, 1.3)] * left.size,
            )
        panes = _upright(left, floor, pane, 1.4, face, along_z)
        lit = rng.random(left.size) < (0.4 if night else 0.0)
        tints = rng.integers(len(PANES), size=left.size)[~lit].tolist()
        shape.details(panes[~lit], [PANES[k] for k in tints])
        if lit.any():
            shape.details(panes[lit], [(120, 200, 235)] * int(lit.sum()), 230)

    if facing:
        face = x[1] if facing > 0 else x[0]
        shape.surface(inside=inside)
        shape.side(face, rectangle(z[0], 0, z[1], height), shade(wall, 0.92))
        top = rectangle(z[0], height - 0.5, z[1], height)
        shape.side(face, top, trim, 0, True)
        near = max(z[0], -1.0)
        shape.side(face, rectangle(near, 0, z[1], storey - 0.2), shop, 0, True)
        for a in np.arange(near + 0.4, z[1] - 2.0, 2.6).tolist():
            glow = 200 if night and rng.random() < 0.3 else 0
            glass = (150, 205, 225) if glow else shade((130, 110, 90), base)
            shape.side(face, rectangle(a, 0.5, a + 2.1, 2.3), glass, glow, True)
        windows(near, z[1], face, along_z=True)
    shape.surface(inside=inside)
    shape.flat(rectangle(x[0], 0, x[1], height), shade(wall, 1.05), z=z[0])
    top = rectangle(x[0], height - 0.5, x[1], height)
    shape.flat(top, trim, 0, True, z[0])
    shape.flat(rectangle(x[0], 0, x[1], 0.6), trim, 0, True, z[0])
    if end:
        windows(max(x[0], -14.0), min(x[1], 14.0), z[0], along_z=False)
    return Actor(None, shape, (0, 0, 0), shadow=False)


def _upright(
    left: np.ndarray,
    low: np.ndarray,
    width: float,
    height: float,
    face: float,
    along_z: bool,
) -> np.ndarray:
    """(n, 4, 3) rectangles on a facade at X = ``face`` (along Z) or Z = ``face``."""
    quads = np.full((len(left), 4, 3), face)
    quads[:, :, 2 if along_z else 0] = left[:, None] + (0.0, width, width, 0.0)
    quads[:, :, 1] = low[:, None] + (0.0, 0.0, height, height)
    return quads


def buildings(rng: np.random.Generator, street: Street, night: bool) -> list[Actor]:
    """Rows of blocks along both sides and one that closes the street far away."""
    blocks = []
    gap = street.cross
    for side, wall in ((-1, street.wall_m), (1, street.far_wall_m)):
        face = street.x(side * wall)
        outer = face + street.road_side * side * 14.0
        x = (min(face, outer), max(face, outer))
        facing = -street.road_side * side
        z = -1.0
        while z < 48.0:
            end = z + rng.uniform(9.0, 16.0)
            if gap and z < gap[1] and end > gap[0] - 3:
                end = gap[0] if z < gap[0] - 0.5 else gap[1]
                if z >= gap[0] - 0.5:
                    z = gap[1]
                    continue
            corner = gap is not None and z == gap[1]
            blocks.append(building(rng, x, (z, end), facing, night, corner))
            z = gap[1] if gap and end == gap[0] else end
    end_z = rng.uniform(62.0, 85.0)
    blocks.append(
        building(rng, (-45, -1 + 2 * rng.random()), (end_z, end_z + 9), 0, night, True)
    )
    far = end_z + rng.uniform(1.0, 9.0)
    blocks.append(building(rng, (1.5, 45), (far, far + 9), 0, night, True))
    return blocks


def door(
    rng: np.random.Generator, x: float, z: float, facing: int, night: bool
) -> Actor:
    """A panelled door with frame and handle on a facade that looks along X.

    Args:
        rng: Source of its colour and size.
        x: X of the facade.
        z: Z of its middle.
        facing: +1 or -1 for a facade along Z that looks along X; 0 for a door
            that looks back at the walker.
        night: Whether its pane is lit.
    """
    colour = pick(
        rng, ((40, 60, 110), (60, 90, 40), (130, 60, 30), (50, 50, 160), (60, 110, 160))
    )
    half, h = rng.uniform(0.5, 0.65), rng.uniform(2.05, 2.3)
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-half - 0.12, 0, half + 0.12, h + 0.14), (225, 230, 232))
    shape.flat(rectangle(-half, 0, half, h), colour, 0, True)
    for x0 in (-0.75 * half, 0.12 * half):
        panel = rectangle(x0, 0.15 * h, x0 + 0.63 * half, 0.45 * h)
        shape.flat(panel, shade(colour, 0.65), 0, True)
        pane = rectangle(x0, 0.55 * h, x0 + 0.63 * half, 0.9 * h)
        shape.flat(pane, (140, 190, 210), 200 if night else 0, True)
    shape.flat(
        rectangle(0.8 * half, 0.44 * h, 0.92 * half, 0.52 * h), (60, 200, 220), 0, True
    )
    yaw = {1: -np.pi / 2, -1: np.pi / 2, 0: 0.0}[facing]
    offset = 0.02 * facing
    back = -0.02 if facing == 0 else 0.0
    return Actor(
        'door', shape, (x + offset, 0, z + back), yaw_rad=float(yaw), shadow=False
    )
