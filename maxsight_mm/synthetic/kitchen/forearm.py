"""Forearms, bare or in sleeves, from the wrist to the picture's edge."""

import numpy as np

from ..noise_fields import smooth_noise
from .canvas import Canvas, lit, rounded
from .hand_look import HandLook
from .hand_shape import WRIST_RADIUS, HandForm
from .outlines import box, capsule, mask_of, turned

_SLEEVES = (
    (0.92, 0.92, 0.91),
    (0.10, 0.10, 0.11),
    (0.26, 0.36, 0.54),
    (0.55, 0.55, 0.57),
    (0.62, 0.20, 0.18),
)
# Beyond the picture's edge, whatever the direction.
_LENGTH = 1.5


def draw_sleeve(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Colour (3,), and where it begins in palm widths from the wrist.

    Sleeves that begin beyond the picture leave the forearm bare.
    """
    begin = rng.choice([0.15, 0.5, 1.2, 9.0], p=[0.55, 0.2, 0.15, 0.1])
    return np.array(_SLEEVES[rng.integers(len(_SLEEVES))]), float(begin)


def paint_forearm(
    rng: np.random.Generator,
    canvas: Canvas,
    form: HandForm,
    look: HandLook,
    sleeve: tuple[np.ndarray, float],
) -> None:
    """Draws the forearm of a hand that is painted afterwards.

    Args:
        rng: Source of randomness.
        canvas: Where.
        form: The hand.
        look: For the skin.
        sleeve: As ``draw_sleeve`` gives it.
    """
    angle = float(np.arctan2(form.outward[1], form.outward[0])) + rng.normal(0, 0.18)
    along = np.array([np.cos(angle), np.sin(angle)])
    length = min(_LENGTH * max(canvas.size), 8 * form.scale)
    start = form.wrist - 0.10 * form.scale * form.outward
    thin = WRIST_RADIUS * form.scale
    arm = capsule(start, start + length * along, thin, 1.5 * thin + 0.02 * length, 9)
    tone = look.skin * rng.uniform(0.95, 1.02)
    canvas.draw([arm], tone, edge=thin / canvas.unit, height=5)
    colour, begin = sleeve
    start = start + begin * form.scale * along
    length -= begin * form.scale
    if length > 0:
        _sleeve(rng, canvas, start, angle, length, thin, colour)


def _sleeve(
    rng: np.random.Generator,
    canvas: Canvas,
    start: np.ndarray,
    angle: float,
    length: float,
    thin: float,
    colour: np.ndarray,
) -> None:
    half = 1.35 * thin
    tube = np.array(
        [(0, -half), (length, -1.8 * half), (length, 1.8 * half), (0, half)]
    )
    outline = turned(tube, angle, start)
    frame = canvas.frame_around([outline])
    mask = mask_of([outline], frame)
    folds = smooth_noise(rng, mask.shape, max(2.0, 0.9 * thin))
    relief = rounded(mask, 1.2 * thin) + 0.07 * thin * folds
    shaded = colour * lit(relief, canvas.light)[..., None]
    canvas.lay(mask, shaded, frame[:2], height=6)
    hem = turned(box(0.35 * thin, 2.1 * half, 0.1 * thin), angle, start)
    canvas.draw([hem], 0.92 * colour, edge=1.5, shadow=0.3)
