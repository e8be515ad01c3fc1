"""People, cyclists' bodies and dogs, drawn as cards with swinging limbs."""

import math

import numpy as np

from .actor import Limb
from .shape import Colour, Shape, bar, disc, rectangle, shade

SKINS = ((60, 90, 150), (90, 130, 190), (130, 170, 225), (160, 195, 240))
HAIRS = ((20, 20, 25), (30, 50, 80), (60, 110, 170), (150, 150, 155), (30, 40, 110))
COATS = (
    (40, 40, 200),
    (190, 90, 40),
    (60, 150, 60),
    (40, 190, 230),
    (200, 200, 205),
    (60, 55, 55),
    (150, 60, 150),
    (50, 120, 230),
    (170, 160, 60),
    (90, 60, 100),
)
TROUSERS = ((110, 70, 40), (50, 50, 55), (80, 110, 140), (120, 120, 120), (70, 45, 30))
FURS = ((40, 80, 140), (35, 35, 40), (150, 180, 205), (200, 205, 210), (60, 100, 150))


def pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """One colour of a palette, a little lighter or darker."""
    return shade(colours[int(rng.integers(len(colours)))], rng.uniform(0.8, 1.2))


def person(
    rng: np.random.Generator, height_m: float, view: str, walking: bool
) -> tuple[Shape, list[Limb]]:
    """A person on a card.

    Args:
        rng: Source of clothes and stance.
        height_m: Height from sole to crown.
        view: 'front', 'back', 'right' (walking to +x) or 'left'.
        walking: Whether the limbs swing.

    Returns:
        The shape (parts: body, two legs, two arms) and its limbs.
    """
    h = height_m
    coat, trousers = pick(rng, COATS), pick(rng, TROUSERS)
    skin, hair = pick(rng, SKINS), pick(rng, HAIRS)
    sideways = view in ('right', 'left')
    facing = -1.0 if view == 'left' else 1.0
    hips = (0.0, 0.0) if sideways else (-0.052 * h, 0.052 * h)
    shoulders = (0.0, 0.0) if sideways else (-0.145 * h, 0.145 * h)
    hip_y, shoulder_y = 0.49 * h, 0.8 * h
    skirt = rng.random() < 0.25
    sleeve = coat if rng.random() < 0.7 else skin
    leg = skin if skirt else trousers
    shape = Shape()

    def draw_leg(part: int, x: float, tone: float) -> None:
        shape.surface(part)
        colour = shade(leg, tone)
        shape.flat(bar(x, hip_y, x, 0.25 * h, 0.095 * h), colour)
        shape.flat(bar(x, 0.27 * h, x, 0.03 * h, 0.07 * h), colour)
        toe = facing * 0.07 * h if sideways else 0.0
        half = 0.042 * h
        shape.flat(
            [
                (x - half, 0.0),
                (x + half + toe, 0.0) if toe >= 0 else (x + half, 0.0),
                (x + half, 0.05 * h),
                (x - half, 0.05 * h),
            ]
            if toe >= 0
            else [
                (x - half + toe, 0.0),
                (x + half, 0.0),
                (x + half, 0.05 * h),
                (x - half, 0.05 * h),
            ],
            (30, 30, 35),
        )

    def draw_arm(part: int, x: float, tone: float) -> None:
        shape.surface(part)
        outward = 0.0 if sideways else math.copysign(0.03 * h, x)
        elbow = (x + outward, 0.62 * h)
        hand = (x + outward + (0.05 * h * facing if sideways else 0.0), 0.46 * h)
        shape.flat(bar(x, shoulder_y, *elbow, 0.06 * h), shade(sleeve, tone))
        shape.flat(bar(*elbow, *hand, 0.05 * h), shade(sleeve, tone))
        shape.flat(disc(*hand, 0.026 * h, points=6), shade(skin, tone))

    draw_leg(1, hips[0], 0.8)
    if sideways:
        draw_arm(3, shoulders[0], 0.75)
    draw_leg(2, hips[1], 1.0)
    _torso_and_head(shape, rng, h, view, (coat, trousers, skin, hair), skirt)
    if not sideways:
        draw_arm(3, shoulders[0], 0.88)
    draw_arm(4, shoulders[1], 0.88)
    if not walking:
        return shape, []
    rate, phase = rng.uniform(0.8, 1.05), rng.uniform(0, 2 * math.pi)
    swing = (0.42, 0.42, 0.4, 0.4) if sideways else (0.16, 0.16, 0.08, 0.08)
    pivots = (
        (hips[0], hip_y),
        (hips[1], hip_y),
        (shoulders[0], shoulder_y),
        (shoulders[1], shoulder_y),
    )
    offsets = (0.0, math.pi, math.pi, 0.0)
    return shape, [
        Limb(part, pivot, reach, phase + offset, rate, stride=not sideways)
        for part, (pivot, reach, offset) in enumerate(
            zip(pivots, swing, offsets, strict=True), start=1
        )
    ]


def _torso_and_head(
    shape: Shape,
    rng: np.random.Generator,
    h: float,
    view: str,
    colours: tuple[Colour, Colour, Colour, Colour],
    skirt: bool,
) -> None:
    coat, trousers, skin, hair = colours
    sideways = view in ('right', 'left')
    facing = -1.0 if view == 'left' else 1.0
    top, waist = (0.085, 0.075) if sideways else (0.15, 0.1)
    shape.surface(0)
    if skirt:
        flare = 0.11 if sideways else 0.15
        shape.flat(
            [
                (-waist * h, 0.54 * h),
                (waist * h, 0.54 * h),
                (flare * h, 0.3 * h),
                (-flare * h, 0.3 * h),
            ],
            trousers,
        )
    shape.flat(
        [
            (-waist * h, 0.45 * h),
            (waist * h, 0.45 * h),
            (top * h, 0.74 * h),
            (0.7 * top * h, 0.835 * h),
            (-0.7 * top * h, 0.835 * h),
            (-top * h, 0.74 * h),
        ],
        coat,
    )
    if view == 'front' and rng.random() < 0.5:
        shape.flat(
            rectangle(-0.012 * h, 0.45 * h, 0.012 * h, 0.82 * h),
            shade(coat, 0.6),
            detail=True,
        )
    elif rng.random() < 0.4:
        stripe = pick(rng, COATS)
        for y in (0.55, 0.65):
            shape.flat(
                rectangle(-0.8 * waist * h, y * h, 0.8 * waist * h, (y + 0.05) * h),
                stripe,
                detail=True,
            )
    if view == 'back' and rng.random() < 0.5:
        shape.flat(
            rectangle(-0.085 * h, 0.55 * h, 0.085 * h, 0.8 * h), pick(rng, COATS)
        )
    shape.flat(rectangle(-0.025 * h, 0.81 * h, 0.025 * h, 0.87 * h), shade(skin, 0.85))
    head = disc(0, 0.925 * h, 0.055 * h, 0.073 * h, 12)
    shape.flat(head, hair if view == 'back' else skin)
    if view == 'back':
        return
    turn = 0.022 * h * facing if sideways else 0.0
    crown = [(x - turn, y) for x, y in head if y > 0.94 * h]
    shape.flat(crown, hair)
    if sideways:
        shape.flat(
            rectangle(-0.06 * h * facing, 0.89 * h, -0.02 * h * facing, 0.96 * h),
            hair,
        )
        return
    for x in (-0.022, 0.022):
        shape.flat(disc(x * h, 0.925 * h, 0.008 * h, points=4), (30, 30, 30), 0, True)


def rider(rng: np.random.Generator, view: str) -> Shape:
    """A seated rider with the saddle at 0.9 m, on a card; view as in ``person``."""
    coat, trousers = pick(rng, COATS), pick(rng, TROUSERS)
    skin, helmet = pick(rng, SKINS), pick(rng, COATS)
    shape = Shape()
    shape.surface(0)
    if view in ('front', 'back'):
        for x, foot in ((-0.12, 0.22), (0.12, 0.42)):
            shape.flat(bar(x, 0.95, 1.2 * x, foot, 0.14), trousers)
            shape.flat(disc(1.2 * x, foot, 0.06, points=6), (35, 35, 35))
        for x in (-0.24, 0.24):
            shape.flat(bar(0.8 * x, 1.42, 1.15 * x, 1.05, 0.1), shade(coat, 0.85))
        shape.flat([(-0.16, 0.9), (0.16, 0.9), (0.24, 1.4), (-0.24, 1.4)], coat)
        shape.flat(disc(0, 1.58, 0.1, 0.13), skin if view == 'front' else helmet)
        shape.flat([(x, y) for x, y in disc(0, 1.6, 0.12, 0.14) if y > 1.59], helmet)
        return shape
    f = -1.0 if view == 'left' else 1.0
    shape.flat(bar(-0.2 * f, 0.92, 0.18 * f, 0.62, 0.14), trousers)
    shape.flat(bar(0.18 * f, 0.64, 0.05 * f, 0.25, 0.11), trousers)
    shape.flat(bar(-0.2 * f, 0.92, 0.12 * f, 1.36, 0.26), coat)
    shape.flat(bar(0.12 * f, 1.34, 0.45 * f, 1.05, 0.09), shade(coat, 0.85))
    shape.flat(disc(0.2 * f, 1.54, 0.1, 0.12), skin)
    shape.flat(
        [(x, y) for x, y in disc(0.19 * f, 1.56, 0.13, 0.13) if y > 1.55], helmet
    )
    return shape


def dog(rng: np.random.Generator, view: str, walking: bool) -> tuple[Shape, list[Limb]]:
    """A dog on a card, 0.45-0.7 m high at the head; view as in ``person``."""
    s = rng.uniform(0.75, 1.15)
    fur = pick(rng, FURS)
    dark = shade(fur, 0.7)
    shape = Shape()
    rate, phase = rng.uniform(1.5, 2.0), rng.uniform(0, 2 * math.pi)
    if view in ('front', 'back'):
        shape.surface(0)
        for x in (-0.09, 0.09):
            shape.flat(bar(x * s, 0.3 * s, x * s, 0, 0.07 * s), dark)
        shape.flat(disc(0, 0.36 * s, 0.15 * s, 0.15 * s, 10), fur)
        shape.flat(disc(0, 0.56 * s, 0.1 * s, 0.11 * s, 10), shade(fur, 1.1))
        for x in (-0.1, 0.1):
            shape.flat(bar(x * s, 0.66 * s, 1.3 * x * s, 0.5 * s, 0.05 * s), dark)
        if view == 'front':
            shape.flat(disc(0, 0.52 * s, 0.035 * s, points=6), (20, 20, 20), 0, True)
        return shape, []
    f = -1.0 if view == 'left' else 1.0
    limbs = []
    for part, (x, tone, offset) in enumerate(
        ((-0.22, 0.6, 0.0), (0.2, 0.6, math.pi), (-0.26, 0.9, math.pi), (0.24, 0.9, 0))
    ):
        shape.surface(part + 1)
        x *= s * f
        shape.flat(bar(x, 0.36 * s, x, 0, 0.075 * s), shade(fur, tone))
        if walking:
            limbs.append(Limb(part + 1, (x, 0.34 * s), 0.4, phase + offset, rate))
    shape.surface(0)
    shape.flat(disc(0, 0.4 * s, 0.34 * s, 0.13 * s, 12), fur)
    shape.flat(bar(-0.3 * s * f, 0.44 * s, -0.46 * s * f, 0.62 * s, 0.05 * s), dark)
    shape.flat(bar(0.24 * s * f, 0.44 * s, 0.36 * s * f, 0.62 * s, 0.13 * s), fur)
    shape.flat(disc(0.38 * s * f, 0.63 * s, 0.11 * s, 0.09 * s, 10), shade(fur, 1.1))
    shape.flat(bar(0.42 * s * f, 0.61 * s, 0.54 * s * f, 0.58 * s, 0.08 * s), fur)
    shape.flat(bar(0.32 * s * f, 0.68 * s, 0.28 * s * f, 0.52 * s, 0.05 * s), dark)
    return shape, limbs
