"""Street furniture: each function places one actor, or a few that belong together."""

import numpy as np

from .actor import Actor
from .people import pick
from .shape import Shape, bar, disc, rectangle, shade


def bollard(rng: np.random.Generator, x: float, z: float) -> Actor:
    """A knee-to-hip-high post with reflective bands."""
    h, r = rng.uniform(0.8, 1.0), rng.uniform(0.09, 0.13)
    colour = pick(rng, ((50, 50, 52), (40, 150, 230), (60, 60, 180), (90, 95, 90)))
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-r, 0, r, h), colour)
    shape.flat(rectangle(0.35 * r, 0, r, h), shade(colour, 0.65), detail=True)
    for y in (0.62, 0.82):
        band = rectangle(-r, y * h, r, (y + 0.1) * h)
        shape.flat(band, (240, 240, 240), 60, True)
    shape.flat(disc(0, h, r, 0.5 * r, 10), shade(colour, 1.3))
    return Actor('bollard', shape, (x, 0, z))


def pole(rng: np.random.Generator, x: float, z: float, night: bool) -> Actor:
    """A lamp post: a tall shaft on a thicker foot, a lamp head on top."""
    h, r = rng.uniform(3.4, 5.0), rng.uniform(0.08, 0.13)
    colour = pick(rng, ((70, 75, 70), (110, 110, 112), (60, 80, 60)))
    side = -1.0 if x > 0 else 1.0
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-r, 0, r, h), colour)
    shape.flat(rectangle(0.3 * r, 0, r, h), shade(colour, 0.65), detail=True)
    shape.flat(rectangle(-1.5 * r, 0, 1.5 * r, 0.7), shade(colour, 0.8))
    shape.flat(bar(0, h, 0.7 * side, h + 0.1, 0.09), colour)
    lamp = rectangle(0.45 * side - 0.2, h - 0.05, 0.45 * side + 0.25, h + 0.12)
    shape.flat(lamp, (190, 235, 255) if night else (200, 205, 205), 255 * night)
    return Actor('pole', shape, (x, 0, z))


def trash_bin(rng: np.random.Generator, x: float, z: float) -> Actor:
    """A round bin with a dark mouth and a lid."""
    colour = pick(rng, ((70, 130, 50), (140, 90, 40), (60, 60, 64), (45, 110, 150)))
    h, r = rng.uniform(0.85, 1.1), rng.uniform(0.24, 0.32)
    shape = Shape()
    shape.surface()
    shape.flat([(-0.85 * r, 0), (0.85 * r, 0), (r, 0.85 * h), (-r, 0.85 * h)], colour)
    for k in (-0.5, 0.0, 0.5):
        stave = rectangle((k - 0.07) * r, 0.06 * h, (k + 0.07) * r, 0.6 * h)
        shape.flat(stave, shade(colour, 0.6), detail=True)
    mouth = rectangle(-0.6 * r, 0.66 * h, 0.6 * r, 0.8 * h)
    shape.flat(mouth, (20, 20, 20), detail=True)
    shape.flat(disc(0, 0.86 * h, 1.08 * r, 0.14 * h, 14), shade(colour, 1.3))
    return Actor('trash bin', shape, (x, 0, z))


def fire_hydrant(rng: np.random.Generator, x: float, z: float) -> Actor:
    """A hydrant: a capped barrel with side outlets."""
    colour = pick(rng, ((35, 35, 215), (35, 35, 215), (30, 200, 245)))
    s = rng.uniform(0.9, 1.15)
    cap = shade(colour, 1.0) if rng.random() < 0.5 else (220, 220, 225)
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-0.2 * s, 0, 0.2 * s, 0.07 * s), shade(colour, 0.7))
    shape.flat(rectangle(-0.13 * s, 0.05 * s, 0.13 * s, 0.58 * s), colour)
    shade_side = rectangle(0.05 * s, 0.05 * s, 0.13 * s, 0.58 * s)
    shape.flat(shade_side, shade(colour, 0.65), detail=True)
    shape.flat(rectangle(-0.25 * s, 0.36 * s, 0.25 * s, 0.48 * s), shade(colour, 0.85))
    shape.flat(disc(0, 0.42 * s, 0.09 * s, points=10), cap, detail=True)
    shape.flat(rectangle(-0.18 * s, 0.57 * s, 0.18 * s, 0.63 * s), shade(colour, 0.75))
    dome = [p for p in disc(0, 0.62 * s, 0.14 * s, 0.17 * s, 16) if p[1] > 0.61 * s]
    shape.flat(dome, cap)
    return Actor('fire hydrant', shape, (x, 0, z))


def bench(rng: np.random.Generator, x: float, z: float) -> Actor:
    """A bench seen from the front: slats, arm rests, iron feet."""
    wood = pick(rng, ((50, 95, 150), (60, 110, 70), (70, 120, 175)))
    half = rng.uniform(0.7, 0.95)
    shape = Shape()
    shape.surface()
    for leg in (-0.85 * half, 0.85 * half):
        shape.flat(rectangle(leg - 0.05, 0, leg + 0.05, 0.9), (45, 45, 48))
    for y in (0.58, 0.74):
        slat = rectangle(-half, y, half, y + 0.12)
        shape.flat(slat, shade(wood, 0.9))
    shape.flat(rectangle(-half, 0.4, half, 0.5), shade(wood, 1.25))
    shape.flat(rectangle(-half, 0.34, half, 0.4), shade(wood, 0.6))
    for arm in (-0.97 * half, 0.97 * half):
        shape.flat(rectangle(arm - 0.05, 0.4, arm + 0.05, 0.66), (45, 45, 48))
    return Actor('bench', shape, (x, 0, z))


def wet_floor_sign(rng: np.random.Generator, x: float, z: float) -> Actor:
    """A yellow A-frame with a dark triangle."""
    s = rng.uniform(0.9, 1.2)
    colour = shade((30, 215, 245), rng.uniform(0.85, 1.05))
    shape = Shape()
    shape.surface()
    shape.flat(
        [(-0.24 * s, 0), (0.24 * s, 0), (0.14 * s, 0.66 * s), (-0.14 * s, 0.66 * s)],
        colour,
    )
    shape.flat(
        [(-0.12 * s, 0.22 * s), (0.12 * s, 0.22 * s), (0, 0.47 * s)],
        (25, 25, 25),
        0,
        True,
    )
    shape.flat(
        [(-0.055 * s, 0.26 * s), (0.055 * s, 0.26 * s), (0, 0.38 * s)], colour, 0, True
    )
    text_bar = rectangle(-0.13 * s, 0.1 * s, 0.13 * s, 0.15 * s)
    shape.flat(text_bar, (25, 25, 25), 0, True)
    shape.flat(
        rectangle(-0.07 * s, 0.58 * s, 0.07 * s, 0.62 * s), (60, 90, 90), 0, True
    )
    return Actor('wet floor sign', shape, (x, 0, z))


def tree(rng: np.random.Generator, x: float, z: float) -> Actor:
    """Unlabelled: a trunk and a crown that starts above head height."""
    trunk = shade((50, 75, 100), rng.uniform(0.7, 1.1))
    leaf = pick(rng, ((50, 120, 60), (45, 100, 80), (60, 130, 110)))
    h = rng.uniform(2.6, 3.2)
    shape = Shape()
    shape.surface()
    shape.flat([(-0.14, 0), (0.14, 0), (0.1, h), (-0.1, h)], trunk)
    for _ in range(6):
        dx, dy = rng.uniform(-0.8, 0.8), rng.uniform(0.0, 1.4)
        blob = disc(dx, h + 0.5 + dy, rng.uniform(0.55, 0.85), points=9)
        shape.flat(blob, shade(leaf, rng.uniform(0.7, 1.2)))
    return Actor(None, shape, (x, 0, z))


def planter(rng: np.random.Generator, x: float, z: float) -> Actor:
    """Unlabelled: a tub with a shrub."""
    tub = pick(rng, ((90, 100, 120), (120, 120, 120), (70, 90, 140)))
    leaf = pick(rng, ((50, 120, 60), (60, 140, 100)))
    shape = Shape()
    shape.surface()
    for dx in (-0.2, 0.2, 0.0):
        shape.flat(disc(dx, 0.65, 0.26, 0.24, 8), shade(leaf, rng.uniform(0.7, 1.2)))
    shape.flat([(-0.34, 0), (0.34, 0), (0.42, 0.45), (-0.42, 0.45)], tub)
    shape.flat(rectangle(-0.45, 0.4, 0.45, 0.48), shade(tub, 1.2))
    return Actor(None, shape, (x, 0, z))
