"""Bicycles and motorcycles, drawn as cards."""

import numpy as np

from .people import COATS, pick
from .shape import Shape, bar, disc
from .vehicles import LAMP, TAIL, TYRE


def _ring(
    shape: Shape, x: float, y: float, radius: float, width: float, rx: float = 1.0
) -> None:
    outer = disc(x, y, rx * radius, radius, 12)
    inner = disc(x, y, max(rx * radius - width, 0.005), radius - width, 12)
    for k in range(12):
        n = (k + 1) % 12
        shape.flat([outer[k], outer[n], inner[n], inner[k]], TYRE)


def bicycle(rng: np.random.Generator, view: str) -> Shape:
    """A bicycle on a card, 1.75 m long; view 'front', 'back', 'right' or 'left'."""
    colour = pick(rng, COATS)
    shape = Shape()
    shape.surface(0)
    if view in ('front', 'back'):
        shape.flat(disc(0, 0.35, 0.035, 0.35, 10), TYRE)
        shape.flat(bar(0, 0.35, 0, 1.02, 0.06), colour)
        shape.flat(bar(-0.3, 1.04, 0.3, 1.04, 0.05), (45, 45, 45))
        shape.flat(bar(-0.13, 0.93, 0.13, 0.93, 0.06), (40, 40, 45))
        lamp = LAMP if view == 'front' else TAIL
        shape.flat(disc(0, 0.85, 0.06, points=8), lamp, 200)
        return shape
    f = -1.0 if view == 'left' else 1.0
    rear, front, crank = -0.52 * f, 0.55 * f, -0.08 * f
    seat, head = (-0.2 * f, 0.82), (0.38 * f, 0.85)
    for x in (rear, front):
        _ring(shape, x, 0.35, 0.35, 0.055)
        shape.flat(disc(x, 0.35, 0.05, points=6), (90, 90, 90))
    for a, b in (
        ((rear, 0.35), (crank, 0.32)),
        ((rear, 0.35), seat),
        ((crank, 0.32), seat),
        ((crank, 0.32), head),
        (seat, head),
        ((front, 0.35), (0.34 * f, 1.0)),
    ):
        shape.flat(bar(*a, *b, 0.055), colour)
    shape.flat(bar(seat[0] - 0.13, 0.92, seat[0] + 0.13, 0.92, 0.07), (30, 30, 30))
    shape.flat(bar(seat[0], 0.8, seat[0], 0.92, 0.04), (60, 60, 60))
    shape.flat(bar(0.3 * f, 1.02, 0.48 * f, 1.02, 0.06), (30, 30, 30))
    return shape


def motorcycle(rng: np.random.Generator, view: str, night: bool) -> Shape:
    """A motorcycle on a card, 2.1 m long: fat tyres, tank, exhaust, head lamp."""
    colour = pick(rng, ((35, 35, 200), (200, 90, 30), (40, 40, 42), (40, 150, 240)))
    glow = 255 if night else 120
    shape = Shape()
    shape.surface(0)
    if view in ('front', 'back'):
        shape.flat(disc(0, 0.32, 0.1, 0.32, 12), TYRE)
        for x in (-0.12, 0.12):
            shape.flat(bar(x, 0.3, x, 0.95, 0.05), (150, 150, 155))
        shape.flat(disc(0, 0.78, 0.24, 0.27, 10), colour)
        shape.flat(bar(-0.42, 1.05, 0.42, 1.05, 0.07), (40, 40, 42))
        for x in (-0.4, 0.4):
            shape.flat(disc(x, 1.18, 0.09, 0.06, 6), (60, 60, 62))
        shape.flat(
            disc(0, 0.88, 0.12, points=10), LAMP if view == 'front' else TAIL, glow
        )
        return shape
    f = -1.0 if view == 'left' else 1.0
    for x in (-0.68 * f, 0.7 * f):
        shape.flat(disc(x, 0.32, 0.32, points=16), TYRE)
        shape.flat(disc(x, 0.32, 0.15, points=10), (165, 165, 170), 0, True)
    shape.flat(bar(0.7 * f, 0.32, 0.45 * f, 1.0, 0.08), (150, 150, 155))
    shape.flat(
        [(-0.4 * f, 0.3), (0.32 * f, 0.28), (0.4 * f, 0.62), (-0.35 * f, 0.62)],
        (70, 70, 74),
    )
    shape.flat(bar(-0.1 * f, 0.3, -0.85 * f, 0.36, 0.11), (190, 190, 195))
    shape.flat(disc(0.18 * f, 0.76, 0.33, 0.17, 12), colour)
    shape.flat(
        [(-0.05 * f, 0.78), (-0.8 * f, 0.86), (-0.75 * f, 0.7), (-0.1 * f, 0.62)],
        (35, 35, 36),
    )
    shape.flat(bar(-0.55 * f, 0.68, -0.95 * f, 0.74, 0.1), colour)
    shape.flat(bar(0.42 * f, 1.0, 0.28 * f, 1.08, 0.06), (40, 40, 42))
    shape.flat(disc(0.56 * f, 0.88, 0.11, points=10), LAMP, glow)
    return shape
