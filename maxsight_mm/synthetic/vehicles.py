"""Cars, buses, trucks (solids) and bicycles, motorcycles (cards).

The front of a vehicle lies towards its local +z.
"""

import math

import numpy as np

from .people import pick
from .shape import Colour, Shape, disc, rectangle, shade

PAINTS = (
    (40, 40, 190),
    (170, 80, 30),
    (225, 225, 228),
    (45, 45, 48),
    (150, 150, 155),
    (60, 120, 60),
    (40, 170, 220),
    (110, 60, 40),
)
GLASS = (95, 75, 60)
TYRE = (28, 28, 30)
LAMP = (200, 240, 255)
TAIL = (40, 40, 220)


def _wheels(shape: Shape, x: float, centres: tuple[float, ...], radius: float) -> None:
    for z in centres:
        shape.side(x, disc(z, radius, radius, points=14), TYRE)
        shape.side(
            x, disc(z, radius, 0.55 * radius, points=8), (150, 150, 150), 0, True
        )


def _ends(
    shape: Shape,
    inside: tuple[float, float, float],
    half: tuple[float, float],
    heights: tuple[float, float],
    colour: Colour,
    night: bool,
) -> None:
    """The front and the rear plane of a body, with lamps and number plates."""
    (w, length), (y0, y1) = half, heights
    lamp_y = y0 + 0.45 * min(y1 - y0, 0.8)
    for z, lamp, tone in ((length, LAMP, 1.0), (-length, TAIL, 0.95)):
        shape.surface(inside=inside)
        shape.flat(rectangle(-w, y0, w, y1), shade(colour, tone), z=z)
        shape.flat(rectangle(-w, y0, w, y0 + 0.1), (50, 50, 52), 0, True, z)
        for x in (-0.75 * w, 0.75 * w):
            shape.flat(
                rectangle(x - 0.17, lamp_y - 0.07, x + 0.17, lamp_y + 0.09),
                lamp,
                255 if night else 60,
                True,
                z,
            )
        shape.flat(
            rectangle(-0.26, lamp_y - 0.2, 0.26, lamp_y - 0.08),
            (225, 235, 235),
            0,
            True,
            z,
        )


def car(rng: np.random.Generator, night: bool) -> Shape:
    """A saloon or hatchback, 4.0-4.5 m long, 1.75 m wide, 1.45-1.65 m high."""
    colour = pick(rng, PAINTS)
    half_l, w, top = rng.uniform(2.0, 2.25), 0.87, rng.uniform(1.42, 1.65)
    rear = -half_l + 0.1 if rng.random() < 0.5 else -half_l + 0.55
    belt, sill = 0.86, 0.22
    a_pillar, roof_front, roof_rear = 0.95, 0.3, rear + 0.45
    shape = Shape(solid=True)
    body, cabin = (0.0, 0.55, 0.0), (0.0, 0.95, -0.4)
    for x in (-w, w):
        tone = 0.82 if x < 0 else 0.9
        shape.surface(inside=body)
        shape.side(x, rectangle(-half_l, sill, half_l, belt), shade(colour, tone))
        shape.side(
            x,
            [(rear, belt), (a_pillar, belt), (roof_front, top), (roof_rear, top)],
            shade(colour, tone),
        )
        shape.side(
            x,
            [
                (rear + 0.22, belt + 0.04),
                (-0.35, belt + 0.04),
                (-0.35, top - 0.1),
                (roof_rear + 0.06, top - 0.1),
            ],
            GLASS,
            0,
            True,
        )
        shape.side(
            x,
            [
                (-0.25, belt + 0.04),
                (a_pillar - 0.2, belt + 0.04),
                (roof_front - 0.04, top - 0.1),
                (-0.25, top - 0.1),
            ],
            GLASS,
            0,
            True,
        )
        shape.side(
            x, rectangle(-0.32, sill + 0.1, -0.3, belt), shade(colour, 0.55), 0, True
        )
        _wheels(shape, x, (-0.62 * half_l, 0.64 * half_l), 0.32)
    _ends(shape, body, (w, half_l), (sill, belt - 0.08), colour, night)
    shape.surface(inside=body)
    shape.polygon(
        [
            (-w, belt - 0.08, half_l),
            (w, belt - 0.08, half_l),
            (w, belt, a_pillar),
            (-w, belt, a_pillar),
        ],
        shade(colour, 1.15),
    )
    shape.surface(inside=body)
    shape.polygon(
        [
            (-w, belt - 0.08, -half_l),
            (w, belt - 0.08, -half_l),
            (w, belt, rear),
            (-w, belt, rear),
        ],
        shade(colour, 1.1),
    )
    for z0, z1 in ((a_pillar, roof_front), (rear, roof_rear)):
        shape.surface(inside=cabin)
        shape.polygon(
            [(-w, belt, z0), (w, belt, z0), (w, top, z1), (-w, top, z1)],
            shade(colour, 0.9),
        )
        shape.polygon(
            [
                (-0.85 * w, belt + 0.04, z0 + 0.06 * (z1 - z0)),
                (0.85 * w, belt + 0.04, z0 + 0.06 * (z1 - z0)),
                (0.8 * w, top - 0.06, z1 - 0.1 * (z1 - z0)),
                (-0.8 * w, top - 0.06, z1 - 0.1 * (z1 - z0)),
            ],
            shade(GLASS, 1.25),
            0,
            True,
        )
    shape.surface(inside=cabin)
    shape.polygon(
        [
            (-w, top, roof_front),
            (w, top, roof_front),
            (w, top, roof_rear),
            (-w, top, roof_rear),
        ],
        shade(colour, 1.2),
    )
    return shape


def _side_panels(
    shape: Shape,
    inside: tuple[float, float, float],
    w: float,
    span: tuple[float, float],
    heights: tuple[float, float],
    colour: Colour,
) -> None:
    for x in (-w, w):
        shape.surface(inside=inside)
        shape.side(
            x,
            rectangle(span[0], heights[0], span[1], heights[1]),
            shade(colour, 0.8 if x < 0 else 0.88),
        )


def _roof(
    shape: Shape,
    inside: tuple[float, float, float],
    w: float,
    span: tuple[float, float],
    y: float,
    colour: Colour,
) -> None:
    shape.surface(inside=inside)
    shape.polygon(
        [(-w, y, span[0]), (w, y, span[0]), (w, y, span[1]), (-w, y, span[1])],
        shade(colour, 1.15),
    )


def bus(rng: np.random.Generator, night: bool) -> Shape:
    """A city bus, 9-10 m long and 3.0 m high, with a band of windows."""
    colour = pick(rng, ((40, 60, 200), (40, 190, 235), (190, 110, 30), (90, 170, 80)))
    half_l, w, top = rng.uniform(4.4, 5.0), 1.24, 3.0
    inside = (0.0, 1.6, 0.0)
    glow, glass = (170, (150, 215, 235)) if night else (0, GLASS)
    shape = Shape(solid=True)
    for x in (-w, w):
        tone = 0.82 if x < 0 else 0.9
        shape.surface(inside=inside)
        shape.side(x, rectangle(-half_l, 0.3, half_l, top), shade(colour, tone))
        shape.side(
            x, rectangle(-half_l, 0.3, half_l, 0.75), shade(colour, 0.55), 0, True
        )
        panes = 6
        pitch = 2 * half_l / panes
        for k in range(panes):
            z = -half_l + k * pitch
            shape.side(
                x,
                rectangle(z + 0.1, 1.35, z + pitch - 0.1, 2.45),
                glass,
                glow,
                True,
            )
        shape.side(
            x,
            rectangle(half_l - 1.5, 0.4, half_l - 0.5, 2.5),
            shade(GLASS, 1.3),
            glow // 2,
            True,
        )
        _wheels(shape, x, (-0.6 * half_l, 0.58 * half_l), 0.46)
    _ends(shape, inside, (w, half_l), (0.3, top), colour, night)
    for z in (half_l, -half_l):
        low = 1.0 if z > 0 else 1.5
        shape.surface(inside=inside)
        shape.flat(rectangle(-1.1, low, 1.1, 2.45), glass, glow, z=1.001 * z)
        shape.flat(rectangle(-0.9, 2.55, 0.9, 2.9), (30, 30, 30), z=1.001 * z)
    _roof(shape, inside, w, (-half_l, half_l), top, colour)
    return shape


def truck(rng: np.random.Generator, night: bool) -> Shape:
    """A delivery truck: a coloured cab before a higher, windowless box."""
    cab = pick(rng, PAINTS)
    cargo = pick(rng, ((225, 225, 230), (190, 205, 215), (120, 160, 190)))
    half_l, w, top = rng.uniform(3.0, 3.6), 1.15, rng.uniform(2.9, 3.3)
    split = half_l - 1.7
    shape = Shape(solid=True)
    in_cargo, in_cab = (0.0, 1.8, split - 1.0), (0.0, 1.2, half_l - 0.8)
    _side_panels(shape, in_cargo, w, (-half_l, split - 0.1), (0.75, top), cargo)
    for x in (-w, w):
        shape.surface(inside=in_cargo)
        shape.side(x, rectangle(-half_l, 0.45, split, 0.76), (60, 60, 62))
        _wheels(shape, x, (-0.6 * half_l, split + 0.75), 0.42)
        shape.side(
            x,
            [
                (-half_l + 0.4, 1.7),
                (split - 0.5, 1.7),
                (split - 0.5, 2.1),
                (-half_l + 0.4, 2.1),
            ],
            shade(cab, 0.9),
            0,
            True,
        )
    for z in (split - 0.1, -half_l):
        shape.surface(inside=in_cargo)
        shape.flat(rectangle(-w, 0.5, w, top), shade(cargo, 0.95), z=z)
    shape.flat(rectangle(-0.02, 0.75, 0.02, top), (90, 90, 95), 0, True, -half_l)
    for x in (-0.9, 0.9):
        shape.flat(
            rectangle(x - 0.15, 0.55, x + 0.15, 0.7),
            TAIL,
            255 if night else 60,
            True,
            -half_l,
        )
    _roof(shape, in_cargo, w, (-half_l, split - 0.1), top, cargo)
    for x in (-w, w):
        shape.surface(inside=in_cab)
        shape.side(x, rectangle(split, 0.4, half_l, 2.15), shade(cab, 0.85))
        shape.side(x, rectangle(split + 0.5, 1.3, half_l - 0.15, 1.95), GLASS, 0, True)
    _ends(shape, in_cab, (w, half_l), (0.4, 2.15), cab, night)
    shape.surface(inside=in_cab)
    shape.flat(rectangle(-1.0, 1.25, 1.0, 2.05), shade(GLASS, 1.2), z=half_l + 0.01)
    _roof(shape, in_cab, w, (split, half_l), 2.15, cab)
    return shape


def heading_view(velocity: tuple[float, float]) -> str:
    """The side of a card that a walker looking along +Z sees of a mover."""
    vx, vz = velocity
    if abs(vx) > abs(vz):
        return 'right' if vx > 0 else 'left'
    return 'back' if vz > 0 else 'front'


def heading_yaw(velocity: tuple[float, float]) -> float:
    """Yaw in radians that turns local +z along a velocity (X, Z)."""
    return math.atan2(velocity[0], velocity[1])
