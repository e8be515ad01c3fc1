"""What a cane or a foot must find: steps, holes, kerbs, head-height obstacles."""

import numpy as np

from .actor import Actor
from .people import pick
from .shape import Point, Shape, bar, disc, rectangle, shade

ROAD_DROP_M = 0.12


def stairs_up(rng: np.random.Generator, x: float, z: float, half: float) -> Actor:
    """A flight that rises away from the walker, pale nosings, rails at the sides."""
    steps = int(rng.integers(4, 9))
    rise, tread = rng.uniform(0.15, 0.18), 0.3
    stone = pick(rng, ((150, 155, 160), (120, 140, 160), (170, 165, 160)))
    depth, top = steps * tread, steps * rise
    shape = Shape()
    for x_side in (-half, half):
        shape.surface()
        for k in range(steps):
            wall = rectangle(k * tread, 0, (k + 1) * tread, (k + 1) * rise)
            shape.side(x_side, wall, shade(stone, 0.65))
    for k in reversed(range(steps)):
        y, z0 = (k + 1) * rise, k * tread
        shape.surface()
        shape.polygon(
            [
                (-half, y, z0 + tread),
                (half, y, z0 + tread),
                (half, y, z0),
                (-half, y, z0),
            ],
            shade(stone, 1.1),
        )
        shape.surface()
        riser = rectangle(-half, y - rise, half, y)
        shape.flat(riser, shade(stone, 0.72), z=z0)
        nosing = rectangle(-half, y - 0.04, half, y)
        shape.flat(nosing, (225, 235, 240), 0, True, z0)
    for x_side in (-half, half):
        shape.surface()
        shape.side(x_side, bar(0.1, 0.9, depth, top + 0.9, 0.06), (60, 60, 64))
        for at in (0.1, depth - 0.05):
            y = at / depth * top
            shape.side(x_side, bar(at, y, at, y + 0.9, 0.06), (60, 60, 64))
    return Actor('stairs up', shape, (x, 0, z))


def stairs_down(rng: np.random.Generator, x: float, z: float, half: float) -> Actor:
    """An opening in the pavement with steps that fall away from the walker."""
    steps = int(rng.integers(5, 9))
    rise, tread = rng.uniform(0.12, 0.15), rng.uniform(0.36, 0.44)
    stone = pick(rng, ((165, 170, 175), (140, 160, 180)))
    depth, bottom = steps * tread, -steps * rise
    shape = Shape()

    def slab(y: float, near: float, far: float) -> list[Point]:
        return [(-half, y, near), (half, y, near), (half, y, far), (-half, y, far)]

    shape.surface()
    shape.polygon(slab(0, 0, depth), (25, 25, 25))
    shape.surface()
    end = [(px, py, depth) for px, py in rectangle(-half, bottom, half, 0)]
    shape.polygon(end, shade(stone, 0.45), clip=0)
    for x_side in (-half, half):
        shape.surface()
        wall = [(x_side, py, pz) for pz, py in rectangle(0, bottom, depth, 0)]
        shape.polygon(wall, shade(stone, 0.62), clip=0)
    for k in reversed(range(steps)):
        y, near = -(k + 1) * rise, k * tread
        shape.surface()
        shape.polygon(
            slab(y, near, near + tread), shade(stone, 0.95 - 0.07 * k), clip=0
        )
        nosing = slab(y, near + tread - 0.08, near + tread)
        shape.polygon(nosing, (225, 232, 238), 0, True, clip=0)
    shape.surface()
    for near in (-0.4, -0.2):
        shape.polygon(slab(0, near, near + 0.12), (40, 200, 240))
    for x_side in (-half, half):
        rim = rectangle(x_side - 0.05, 0, x_side + 0.05, depth)
        shape.polygon([(px, 0.0, pz) for px, pz in rim], (205, 210, 212))
    return Actor('stairs down', shape, (x, 0, z), rank=1, shadow=False)


def open_manhole(rng: np.random.Generator, x: float, z: float) -> Actor:
    """A round hole with a pale rim; its iron cover lies beside it."""
    r = rng.uniform(0.36, 0.5)
    cover = 1.0 if rng.random() < 0.5 else -1.0
    shape = Shape()

    def ring(radius: float, x0: float = 0.0) -> list[tuple[float, float, float]]:
        return [(px, 0.0, pz) for px, pz in disc(x0, 0, radius, points=18)]

    shape.surface()
    shape.polygon(ring(1.22 * r), (150, 165, 170))
    shape.polygon(ring(r), (18, 18, 20))
    shape.surface()
    wall = [(px, py, r) for px, py in rectangle(-r, -2.0, r, 0.0)]
    shape.polygon(wall, (30, 32, 36), clip=1)
    shape.surface()
    shape.polygon(ring(0.95 * r, 2.1 * r * cover), (75, 72, 70))
    for k in (-0.5, 0.0, 0.5):
        stripe = rectangle(
            (2.1 * cover - 0.7) * r,
            (k - 0.08) * r,
            (2.1 * cover + 0.7) * r,
            (k + 0.08) * r,
        )
        shape.polygon([(px, 0.0, pz) for px, pz in stripe], (45, 44, 44), 0, True)
    return Actor(
        'open manhole',
        shape,
        (x, 0, z),
        rank=1,
        shadow=False,
    )


def kerb(x0: float, x1: float, z: float, step_up: bool) -> Actor:
    """A kerb across the path with a tactile strip; a step up or down of 12 cm."""
    half, centre = (x1 - x0) / 2, (x0 + x1) / 2
    near, far = (0.0, 0.75) if step_up else (-0.75, 0.0)
    shape = Shape()
    shape.surface()
    shape.polygon(
        [(-half, 0, near), (half, 0, near), (half, 0, far), (-half, 0, far)],
        (60, 190, 220),
    )
    stone = (0.0, 0.18) if step_up else (-0.18, 0.0)
    shape.polygon(
        [
            (-half, 0, stone[0]),
            (half, 0, stone[0]),
            (half, 0, stone[1]),
            (-half, 0, stone[1]),
        ],
        (205, 210, 212),
        0,
        True,
    )
    studs = 14
    for row in (0.3, 0.55):
        z0 = row if step_up else row - 0.85
        for k in range(studs):
            x = -half + (k + 0.5) * 2 * half / studs
            stud = [
                (px, 0.0, pz) for px, pz in rectangle(x - 0.05, z0, x + 0.05, z0 + 0.1)
            ]
            shape.polygon(stud, (40, 140, 175), 0, True)
    shape.surface(inside=(0, -0.05, 1.0 if step_up else -1.0))
    riser = rectangle(-half, -ROAD_DROP_M, half, 0)
    shape.flat(riser, (135, 138, 140))
    return Actor(
        'kerb',
        shape,
        (centre, 0, z),
        rank=1,
        shadow=False,
    )


def crosswalk(x0: float, x1: float, z0: float, z1: float, along_x: bool) -> Actor:
    """White stripes on the road, parallel to the traffic they stop."""
    cx, cz = (x0 + x1) / 2, (z0 + z1) / 2
    hx, hz = (x1 - x0) / 2, (z1 - z0) / 2
    shape = Shape()
    shape.surface()
    length = hz if along_x else hx
    count = max(int(length / 0.5), 2)
    for k in range(count):
        a = -length + (k + 0.25) * 2 * length / count
        b = a + length / count
        stripe = rectangle(-hx, a, hx, b) if along_x else rectangle(a, -hz, b, hz)
        shape.polygon([(px, 0.0, pz) for px, pz in stripe], (225, 228, 228))
    return Actor(
        'crosswalk',
        shape,
        (cx, -ROAD_DROP_M, cz),
        flat=True,
        rank=1,
        shadow=False,
    )


def low_branch(rng: np.random.Generator, x: float, z: float, reach: float) -> Actor:
    """A leafy branch at 1.5-1.9 m that reaches ``reach`` metres into the path."""
    y = rng.uniform(1.5, 1.75)
    bark = shade((45, 70, 95), rng.uniform(0.7, 1.1))
    leaf = pick(rng, ((50, 140, 70), (50, 120, 110), (60, 160, 130)))
    shape = Shape()
    shape.surface()
    shape.flat(bar(0, y + 0.45, 0.55 * reach, y + 0.2, 0.1), bark)
    shape.flat(bar(0.5 * reach, y + 0.22, reach, y, 0.07), bark)
    shape.flat(bar(0.45 * reach, y + 0.25, 0.8 * reach, y + 0.42, 0.05), bark)
    for _ in range(11):
        t = rng.uniform(0.3, 1.05)
        blob = disc(
            t * reach,
            y + 0.42 - 0.4 * t + rng.uniform(-0.16, 0.2),
            rng.uniform(0.09, 0.17),
            rng.uniform(0.06, 0.11),
            7,
        )
        shape.flat(blob, shade(leaf, rng.uniform(0.65, 1.25)))
    return Actor(
        'low branch',
        shape,
        (x, 0, z),
        shadow=False,
    )


def scaffold(rng: np.random.Generator, x: float, z: float, half: float) -> Actor:
    """Tubes across the pavement: two uprights, a bar at head height, a brace."""
    tube = pick(rng, ((40, 150, 230), (150, 155, 160), (60, 90, 200)))
    bar_y = rng.uniform(1.55, 1.8)
    h = rng.uniform(3.2, 3.8)
    shape = Shape()
    shape.surface()
    shape.flat(bar(-half, bar_y, half, h - 0.3, 0.06), shade(tube, 0.75))
    for at in (-half, half):
        shape.flat(rectangle(at - 0.05, 0, at + 0.05, h), tube)
        shape.flat(rectangle(at - 0.13, 0, at + 0.13, 0.06), shade(tube, 0.5))
    bars = 8
    for k in range(bars):
        x0 = -half + k * 2 * half / bars
        stripe = rectangle(x0, bar_y - 0.06, x0 + 2 * half / bars, bar_y + 0.06)
        shape.flat(stripe, (30, 30, 220) if k % 2 else (240, 240, 240))
    shape.flat(rectangle(-half - 0.1, h - 0.35, half + 0.1, h - 0.2), (70, 130, 170))
    shape.flat(rectangle(-half, h - 0.05, half, h + 0.03), tube)
    return Actor(
        'scaffold',
        shape,
        (x, 0, z),
    )
