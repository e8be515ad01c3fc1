"""Food on a worktop. Some of it has the colour of skin, some also the shape of fingers.

Every function draws at a place (x, y) with a size in pixels, about its half length.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ..noise_fields import smooth_noise
from .canvas import Canvas, Texture
from .outlines import blob, capsule, ellipse, smoothed, turned

Drawing = Callable[[np.random.Generator, Canvas, np.ndarray, float], None]
Colours = Sequence[tuple[float, float, float]]

_SAUSAGES = ((0.62, 0.30, 0.22), (0.80, 0.52, 0.42), (0.87, 0.66, 0.55))
_DOUGHS = ((0.93, 0.84, 0.68), (0.86, 0.70, 0.50), (0.72, 0.48, 0.26))
_MEATS = ((0.93, 0.72, 0.65), (0.90, 0.62, 0.55), (0.72, 0.22, 0.22))
_ROUND = (
    (0.80, 0.14, 0.10),
    (0.88, 0.84, 0.72),
    (0.62, 0.66, 0.28),
    (0.42, 0.12, 0.32),
)
_SLICES = (
    (0.62, 0.78, 0.36),
    (0.90, 0.30, 0.20),
    (0.96, 0.90, 0.84),
    (0.94, 0.80, 0.30),
)


def pick(
    rng: np.random.Generator, colours: Colours, spread: float = 0.06
) -> np.ndarray:
    """One of the colours, a little changed."""
    colour = np.array(colours)[rng.integers(len(colours))]
    return np.clip(colour * (1 + spread * rng.standard_normal(3)), 0.02, 0.98)


def grain(
    rng: np.random.Generator, canvas: Canvas, cell: float, much: float
) -> Texture:
    """Mottled; ``cell`` in units."""
    return lambda size: 1 + much * smooth_noise(rng, size, cell * canvas.unit)


def sausages(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """One to five rods side by side: from afar, fingers."""
    colour = pick(rng, _SAUSAGES)
    angle = rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    number = int(rng.integers(1, 6))
    thick = size * rng.uniform(0.16, 0.24)
    for index in range(number):
        middle = at + across * (index - number / 2) * 2.15 * thick
        middle = middle + along * rng.normal(0, 0.12 * size)
        half = along * size * rng.uniform(0.7, 1)
        bend = across * rng.normal(0, 0.08 * size)
        rods = [
            capsule(middle - half, middle + bend, thick, thick),
            capsule(middle + bend, middle + half, thick, 0.92 * thick),
        ]
        tone = colour * rng.uniform(0.9, 1.08)
        canvas.draw(rods, tone, edge=thick / canvas.unit)


def dough(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """A lump of dough or a loaf."""
    outline = blob(rng, size, size * rng.uniform(0.6, 1), 0.10)
    outline = turned(outline, rng.uniform(0, np.pi), at)
    texture = grain(rng, canvas, 6, 0.05)
    canvas.draw([outline], pick(rng, _DOUGHS), edge=9, height=3, texture=texture)


def meat(rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float) -> None:
    """A raw breast, a fillet or a steak."""
    colour = pick(rng, _MEATS)
    outline = blob(rng, size, size * rng.uniform(0.45, 0.7), 0.16)
    outline = turned(outline, rng.uniform(0, np.pi), at)
    texture = grain(rng, canvas, 5, 0.07)
    canvas.draw([outline], colour, edge=6, texture=texture)
    if rng.random() < 0.5:
        # A strip of fat.
        fat = turned(0.8 * (outline - at), 0.3, at)[5:16]
        strip = np.concatenate([fat, (at + 0.9 * (fat - at))[::-1]])
        canvas.draw([strip], (0.95, 0.88, 0.80), edge=1, shadow=0)


def rounds(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """Tomatoes, eggs, potatoes, onions."""
    colour = pick(rng, _ROUND)
    for _ in range(rng.integers(1, 5)):
        place = at + rng.normal(0, 0.7 * size, 2)
        radius = size * rng.uniform(0.32, 0.5)
        outline = turned(
            ellipse(radius, radius * rng.uniform(0.75, 1)), rng.uniform(0, 3), place
        )
        canvas.draw([outline], colour, edge=radius / canvas.unit, height=3)
        spot = ellipse(0.16 * radius, 0.10 * radius, 10)
        glint = place + 0.45 * radius * canvas.light.towards
        canvas.draw([turned(spot, 0.5, glint)], np.clip(colour + 0.35, 0, 1), shadow=0)


def slices(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """A fan of slices: cucumber, tomato, onion, cheese."""
    colour = pick(rng, _SLICES)
    step = rng.normal(0, 0.22 * size, 2)
    radius = size * rng.uniform(0.25, 0.42)
    for index in range(rng.integers(2, 7)):
        place = at + (index - 2) * step + rng.normal(0, 0.05 * size, 2)
        rim = ellipse(radius, 0.93 * radius) + place
        canvas.draw([rim], 0.62 * colour, edge=1, height=1)
        canvas.draw([0.85 * (rim - place) + place], colour, edge=1, shadow=0)


def sticks(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """Carrots, or sticks of something pale."""
    colour = pick(rng, ((0.92, 0.48, 0.14), (0.90, 0.80, 0.62), (0.50, 0.66, 0.28)))
    base = rng.uniform(0, np.pi)
    for _ in range(rng.integers(1, 6)):
        angle = base + rng.normal(0, 0.18)
        along = size * np.array([np.cos(angle), np.sin(angle)])
        place = at + rng.normal(0, 0.25 * size, 2)
        thick = size * rng.uniform(0.10, 0.18)
        rod = capsule(place - along, place + along, thick, thick * rng.uniform(0.3, 1))
        canvas.draw([rod], colour * rng.uniform(0.92, 1.06), edge=thick / canvas.unit)


def leaves(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """Lettuce or herbs."""
    colour = pick(rng, ((0.36, 0.58, 0.18), (0.24, 0.44, 0.14), (0.66, 0.74, 0.40)))
    for _ in range(rng.integers(3, 7)):
        place = at + rng.normal(0, 0.35 * size, 2)
        outline = blob(rng, size * 0.5, size * 0.38, 0.28)
        outline = turned(outline, rng.uniform(0, np.pi), place)
        tone = colour * rng.uniform(0.8, 1.2)
        canvas.draw([outline], tone, edge=2, texture=grain(rng, canvas, 3, 0.10))


def aubergines(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """Aubergines and olives: the colour of dark gloves."""
    for _ in range(rng.integers(1, 3)):
        place = at + rng.normal(0, 0.3 * size, 2)
        along = size * turned(np.array([[0.8, 0.0]]), rng.uniform(0, 6.3), (0, 0))[0]
        body = capsule(place - along, place + along, 0.22 * size, 0.36 * size, 12)
        edge = 0.3 * size / canvas.unit
        canvas.draw([body], (0.13, 0.08, 0.14), edge=edge, height=3)
        cap = capsule(place - 1.3 * along, place - along, 0.06 * size, 0.18 * size)
        canvas.draw([cap], (0.32, 0.44, 0.20), shadow=0)


def fish(rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float) -> None:
    """A salmon fillet with its white lines."""
    angle = rng.uniform(0, 2 * np.pi)
    corners = np.array([(-1, -0.32), (0.8, -0.4), (1, 0.3), (-0.9, 0.36)]) * size
    outline = smoothed(corners, 3)
    canvas.draw([turned(outline, angle, at)], (0.93, 0.52, 0.38), edge=4)
    for x in np.linspace(-0.7, 0.7, 6) * size:
        ends = np.array([(x, -0.26 * size), (x + 0.2 * size, 0.22 * size)])
        start, stop = turned(ends, angle, at)
        line = capsule(start, stop, 0.02 * size, 0.02 * size, 3)
        canvas.draw([line], (0.97, 0.74, 0.63), shadow=0)


# Those that are taken for hands are one in eight.
FOODS: tuple[Drawing, ...] = (
    *(sausages, dough, meat),
    *(rounds, slices, leaves, aubergines) * 4,
    *(sticks, fish) * 3,
)
