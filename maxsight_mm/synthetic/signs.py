"""Signs and signals: plates with words, traffic lights, shop boards."""

import numpy as np

from .actor import Actor
from .people import COATS, pick
from .shape import Colour, Shape, disc, rectangle, shade

STEEL = (125, 120, 115)

STREET_NAMES = (
    'MAIN ST',
    'PARK AVE',
    'OAK ST',
    'HIGH ST',
    'MILL RD',
    'KING ST',
    'LAKE DR',
    'STATION',
    'MUSEUM',
    'CITY HALL',
    'HOSPITAL',
    'HARBOUR',
)


SHOP_NAMES = ('CAFE', 'BAKERY', 'BOOKS', 'BANK', 'PHARMACY', 'HOTEL', 'FLOWERS', 'BAR')


def post(x: float, z: float, height: float, colour: Colour = STEEL) -> Actor:
    """A thin unlabelled post under a sign."""
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-0.035, 0, 0.035, height), colour)
    return Actor(None, shape, (x, 0, z))


def _plate(
    name: str,
    shape: Shape,
    x: float,
    z: float,
    low: float,
    high: float,
    half: float,
    text: str,
    ink: Colour,
    inset: float,
) -> Actor:
    pad = inset * (high - low)
    wide = half - 0.06
    quad = [
        (-wide, high - pad, 0.0),
        (wide, high - pad, 0.0),
        (wide, low + pad, 0.0),
        (-wide, low + pad, 0.0),
    ]
    return Actor(
        name,
        shape,
        (x, 0, z),
        text=text,
        text_quad=quad,
        text_ink=ink,
        shadow=False,
    )


def street_sign(rng: np.random.Generator, x: float, z: float) -> list[Actor]:
    """A rectangular name plate with a pale rim on a post, at 1.9-2.5 m."""
    text = STREET_NAMES[int(rng.integers(len(STREET_NAMES)))]
    colour = pick(rng, ((150, 70, 20), (70, 120, 20), (130, 60, 30)))
    low = rng.uniform(1.9, 2.2)
    high, half = low + 0.42, 0.14 * len(text) / 2 + 0.14
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-half, low, half, high), (235, 235, 235))
    inner = rectangle(-half + 0.03, low + 0.03, half - 0.03, high - 0.03)
    shape.flat(inner, colour, detail=True)
    sign = _plate(
        'street sign', shape, x, z, low, high, half, text, (245, 245, 245), 0.18
    )
    return [post(x, z + 0.08, high), sign]


def stop_sign(rng: np.random.Generator, x: float, z: float) -> list[Actor]:
    """A red octagon with a white rim and the word STOP, on a post."""
    r = rng.uniform(0.36, 0.44)
    centre = rng.uniform(1.9, 2.2)
    shape = Shape()
    shape.surface()
    turn = np.pi / 8 + np.arange(8) * np.pi / 4
    for radius, colour in ((r, (240, 240, 240)), (0.9 * r, (35, 30, 200))):
        points = [
            (radius * float(np.cos(a)), centre + radius * float(np.sin(a)))
            for a in turn
        ]
        shape.flat(points, colour, detail=radius < r)
    sign = _plate(
        'stop sign',
        shape,
        x,
        z,
        centre - r,
        centre + r,
        r + 0.02,
        'STOP',
        (245, 245, 245),
        0.33,
    )
    return [post(x, z + 0.08, centre + r), sign]


def traffic_light(rng: np.random.Generator, x: float, z: float) -> list[Actor]:
    """A dark three-lamp head at 2.3-3.3 m, one lamp lit, on a post."""
    lit = int(rng.integers(3))
    low = rng.uniform(2.2, 2.5)
    shape = Shape()
    shape.surface()
    shape.flat(rectangle(-0.25, low - 0.06, 0.25, low + 1.06), (225, 225, 225))
    shape.flat(rectangle(-0.21, low - 0.02, 0.21, low + 1.02), (28, 30, 28), 0, True)
    lamps = (((70, 230, 60), 0.17), ((40, 190, 250), 0.5), ((40, 40, 245), 0.83))
    for k, (colour, y) in enumerate(lamps):
        lamp = disc(0, low + y, 0.14, points=12)
        if k == lit:
            shape.flat(lamp, colour, 255, True)
        else:
            shape.flat(lamp, shade(colour, 0.25), 0, True)
    head = Actor(
        'traffic light',
        shape,
        (x, 0, z),
        shadow=False,
    )
    return [post(x, z + 0.14, low + 1.0, (60, 60, 60)), head]


def shop_sign(
    rng: np.random.Generator, x: float, z: float, wall: float, night: bool
) -> Actor:
    """Unlabelled: a name board that stands out from a facade above the pavement."""
    text = SHOP_NAMES[int(rng.integers(len(SHOP_NAMES)))]
    colour = pick(rng, COATS)
    half = 0.1 * len(text) / 2 + 0.12
    low = rng.uniform(2.4, 2.9)
    centre = x + (half + 0.05) * (1 if wall > 0 else -1)
    shape = Shape()
    shape.surface()
    board = rectangle(-half, low, half, low + 0.4)
    shape.flat(board, colour, 150 if night else 0)
    light_ink = sum(colour) < 380
    sign = _plate(
        '',
        shape,
        centre,
        z,
        low,
        low + 0.4,
        half,
        text,
        (245, 245, 245) if light_ink else (20, 20, 20),
        0.18,
    )
    sign.name = None
    return sign
