"""What lies on a worktop beside food: boards, pans, plates, cloths, cutlery, tubs.

Cloths, boards, lids and handles come in the colours of gloves. Every function draws at
a place (x, y) with a size in pixels, about its half length.
"""

import numpy as np

from .canvas import Canvas
from .food import Drawing, grain, pick
from .outlines import box, capsule, ellipse, smoothed, turned

_BOARDS = (
    (0.88, 0.88, 0.86),
    (0.74, 0.56, 0.36),
    (0.80, 0.64, 0.46),
    (0.18, 0.34, 0.66),
    (0.70, 0.16, 0.16),
    (0.24, 0.52, 0.30),
    (0.86, 0.78, 0.30),
)
# Cloths, lids and tubs: white, the blues of gloves, black, beige.
_GOODS = (
    (0.90, 0.90, 0.90),
    (0.20, 0.38, 0.72),
    (0.36, 0.56, 0.82),
    (0.09, 0.09, 0.10),
    (0.70, 0.20, 0.18),
)
_STEEL = ((0.74, 0.75, 0.77), (0.62, 0.63, 0.66))
_HANDLES = (
    (0.08, 0.08, 0.09),
    (0.48, 0.30, 0.17),
    (0.16, 0.30, 0.60),
    (0.88, 0.88, 0.86),
)


def board(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """A cutting board."""
    outline = box(2 * size, size * rng.uniform(1.1, 1.6), 0.12 * size)
    texture = grain(rng, canvas, 5, 0.02)
    canvas.draw(
        [turned(outline, rng.normal(0, 0.25) + rng.choice([0, np.pi / 2]), at)],
        pick(rng, _BOARDS),
        texture=texture,
    )


def cloth(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """A folded towel, some with stripes."""
    angle = rng.uniform(0, np.pi)
    corners = box(1.7 * size, size * rng.uniform(0.8, 1.5), 0.05 * size)
    outline = corners + 0.05 * size * rng.standard_normal(corners.shape)
    colour = pick(rng, _GOODS)
    texture = grain(rng, canvas, 7, 0.12)
    canvas.draw(
        [smoothed(turned(outline, angle, at), 1)], colour, edge=3, texture=texture
    )
    if rng.random() < 0.5:
        stripe = np.clip(1.0 - 0.6 * colour, 0, 1)
        for y in (-0.25, 0.0, 0.25):
            band = box(1.6 * size, 0.07 * size) + (0, y * size)
            canvas.draw([turned(band, angle, at)], stripe, shadow=0, texture=texture)


def plate(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """A plate or a bowl."""
    colour = pick(rng, ((0.92, 0.92, 0.90), (0.92, 0.92, 0.90), *_GOODS[1:4]), 0.02)
    radius = 0.8 * size
    canvas.draw([ellipse(radius, radius) + at], colour, edge=3, height=3)
    for share, tone in ((0.70, 0.90), (0.66, 1.0)):
        canvas.draw([share * ellipse(radius, radius) + at], tone * colour, shadow=0)


def pan(rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float) -> None:
    """A pan or a pot, dark or of steel, with its handle."""
    dark = rng.random() < 0.6
    metal = np.full(3, rng.uniform(0.10, 0.2)) if dark else pick(rng, _STEEL, 0.02)
    radius, angle = 0.7 * size, rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    handle = capsule(
        at + radius * along, at + 1.9 * size * along, 0.10 * size, 0.14 * size
    )
    canvas.draw([handle], pick(rng, _HANDLES), height=5)
    canvas.draw([ellipse(radius, radius) + at], metal, edge=3, height=5)
    inside = 0.9 * ellipse(radius, radius) + at
    canvas.draw([inside], metal * rng.uniform(0.6, 0.85), edge=3, shadow=0)
    if rng.random() < 0.5:
        # Sauce, soup or oil.
        sauce = pick(rng, ((0.62, 0.16, 0.06), (0.80, 0.74, 0.24), (0.36, 0.38, 0.12)))
        texture = grain(rng, canvas, 4, 0.12)
        filled = 0.82 * ellipse(radius, radius) + at
        canvas.draw([filled], sauce, shadow=0, texture=texture)


def tub(rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float) -> None:
    """A container with a lid, or a box that gloves come in."""
    angle, colour = rng.uniform(0, np.pi), pick(rng, _GOODS)
    width, height = 1.1 * size, size * rng.uniform(0.6, 1.0)
    outline = turned(box(width, height, 0.15 * size), angle, at)
    canvas.draw([outline], colour, edge=2, height=6)
    if rng.random() < 0.5:
        slot = turned(ellipse(0.3 * size, 0.14 * size), angle, at)
        canvas.draw([slot], (0.25, 0.27, 0.30), shadow=0)
        tip = turned(ellipse(0.2 * size, 0.10 * size), angle, at)
        canvas.draw([tip], pick(rng, _GOODS[:4]), edge=2, shadow=0)
    else:
        lid = turned(box(0.85 * width, 0.85 * height, 0.12 * size), angle, at)
        canvas.draw([lid], np.clip(1.1 * colour, 0, 1), edge=1, shadow=0.2)


def cutlery(
    rng: np.random.Generator, canvas: Canvas, at: np.ndarray, size: float
) -> None:
    """A knife, spoon, spatula or tongs."""
    angle = rng.uniform(0, 2 * np.pi)
    tool(rng, canvas, at, size, angle)


def tool(
    rng: np.random.Generator,
    canvas: Canvas,
    at: np.ndarray,
    size: float,
    angle: float,
) -> None:
    """One tool, its handle behind the place and its head ahead, along an angle."""
    kind = rng.choice(['knife', 'spoon', 'spatula', 'tongs'])
    along = np.array([np.cos(angle), np.sin(angle)])
    steel, handle = pick(rng, _STEEL, 0.02), pick(rng, _HANDLES)
    if kind == 'tongs':
        thin = (0.03 * size, 0.045 * size)
        for side in (-0.10, 0.10):
            bent = turned(along[None], side, (0, 0))[0]
            arm = capsule(at - 0.9 * size * along, at + 0.9 * size * bent, *thin)
            canvas.draw([arm], steel, edge=1)
        return
    start = at - 0.9 * size * along
    canvas.draw([capsule(start, at, 0.07 * size, 0.08 * size)], handle, edge=2)
    if kind == 'knife':
        blade = np.array([[0, -0.09], [1.0, -0.09], [1.25, 0.10], [0, 0.10]]) * size
        canvas.draw([turned(blade, angle, at)], 1.1 * steel, edge=1)
        return
    neck = at + 0.6 * size * along
    canvas.draw([capsule(at, neck, 0.03 * size, 0.03 * size, 4)], steel, edge=1)
    head = ellipse(0.24 * size, 0.15 * size)
    if kind == 'spatula':
        head = box(0.5 * size, 0.32 * size, 0.05 * size)
    canvas.draw(
        [turned(head, angle, neck + 0.2 * size * along)],
        steel if rng.random() < 0.6 else handle,
        edge=2,
    )


EQUIPMENT: tuple[Drawing, ...] = (cloth, plate, pan, tub, cutlery, cutlery)
