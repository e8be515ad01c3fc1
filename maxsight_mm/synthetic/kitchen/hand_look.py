"""What covers a hand: skin of many tones, gloves of four colours, whole or torn."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..noise_fields import smooth_noise
from .canvas import Canvas, Light, lit, rounded, slopes
from .hand_shape import WRIST_RADIUS, HandForm
from .outlines import blob, ellipse, frame_of, mask_of, turned

# From light to dark, after the ten tones of the Monk scale.
_SKINS = (
    (0.96, 0.85, 0.78),
    (0.95, 0.79, 0.68),
    (0.92, 0.72, 0.58),
    (0.85, 0.63, 0.47),
    (0.76, 0.53, 0.37),
    (0.63, 0.43, 0.29),
    (0.51, 0.34, 0.23),
    (0.39, 0.26, 0.18),
    (0.29, 0.19, 0.14),
    (0.20, 0.14, 0.11),
)
GLOVES = {
    'blue': ((0.16, 0.36, 0.74), (0.34, 0.55, 0.84), (0.40, 0.50, 0.72)),
    'black': ((0.07, 0.07, 0.08), (0.13, 0.13, 0.15)),
    'white': ((0.93, 0.93, 0.91), (0.88, 0.85, 0.78)),
    'clear': ((0.94, 0.95, 0.96),),
}
_GLOVE_SHARES = (0.45, 0.20, 0.23, 0.12)
# Share of the film's own colour in a clear glove; the rest is the skin below.
_CLEAR = 0.34


@dataclass(frozen=True)
class HandLook:
    """Colours of a hand.

    Attributes:
        glove: Of ``GLOVES``, or None for a bare hand.
        skin: (3,) RGB.
        colour: (3,) RGB of the glove; the skin's of a bare hand.
        torn: Whether a finger or a patch of skin shows through the glove.
    """

    glove: str | None
    skin: np.ndarray
    colour: np.ndarray
    torn: bool = False


def draw_look(rng: np.random.Generator, gloved: bool, torn: bool = False) -> HandLook:
    """Skin, and a glove if there is one."""
    # Between two neighbours on the scale.
    tone = rng.uniform(0, len(_SKINS) - 1)
    scale = np.array(_SKINS)
    skin = np.array([np.interp(tone, np.arange(len(scale)), c) for c in scale.T])
    skin = np.clip(skin * (1 + 0.025 * rng.standard_normal(3)), 0.05, 1)
    if not gloved:
        return HandLook(None, skin, skin)
    glove = str(rng.choice(list(GLOVES), p=_GLOVE_SHARES))
    colours = GLOVES[glove]
    colour = np.array(colours[rng.integers(len(colours))])
    colour = np.clip(colour * (1 + 0.05 * rng.standard_normal(3)), 0.03, 1)
    return HandLook(glove, skin, colour, torn)


def paint_hand(
    rng: np.random.Generator, canvas: Canvas, form: HandForm, look: HandLook
) -> tuple[int, int]:
    """Draws a hand without its forearm, for ``canvas.owner``.

    Returns:
        Its pixels, and those where a torn glove shows skin; the ones out of the
        picture are counted too.
    """
    rim = _cuff(rng, form) if look.glove else []
    frame = frame_of([o for part in form.parts for o in part.outlines] + rim)
    relief, mask = _relief(form, frame)
    hole = np.zeros_like(mask)
    skin = _skin(rng, form, frame, look.skin, mask)
    if look.glove is None:
        colour, shine = skin, 0.06
    else:
        cuff = mask_of(rim, frame)
        mask = np.maximum(mask, cuff)
        relief = np.maximum(relief, rounded(cuff, 0.05 * form.scale) + 0.02)
        creases = smooth_noise(rng, mask.shape, max(2.0, 0.13 * form.scale))
        loose = 0.016 if look.glove == 'clear' else 0.007
        relief = relief + loose * form.scale * creases
        colour, shine = _glove(look, skin, creases, cuff)
        if look.torn:
            hole = _hole(rng, form, frame) * (1 - cuff) * mask
            # The glove's edge curls up around the hole.
            curl = cv2.GaussianBlur(hole, (0, 0), max(0.6, 0.03 * form.scale))
            relief = relief + 0.10 * form.scale * curl * (1 - hole)
            colour = colour + hole[..., None] * (skin - colour)
    bright = lit(relief, canvas.light) * _hollows(relief, form.scale)
    shaded = colour * bright[..., None]
    shaded += (shine * _sheen(relief, canvas.light))[..., None]
    canvas.lay(mask, shaded, frame[:2], height=5, shadow=0.5)
    canvas.claim(hole, frame[:2], -canvas.owner)
    return int((mask > 0.5).sum()), int((hole > 0.5).sum())


def _relief(
    form: HandForm, frame: tuple[int, int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Height (h, w) in pixels and mask (h, w) of palm and fingers."""
    relief = np.zeros(frame[3:1:-1], np.float32)
    mask = np.zeros_like(relief)
    for part in form.parts:
        own = mask_of(part.outlines, frame)
        lift = np.float32(part.lift) * (own > 0.5)
        relief = np.maximum(relief, rounded(own, max(part.radius, 1.5)) + lift)
        mask = np.maximum(mask, own)
    return relief, mask


def _hollows(relief: np.ndarray, scale: float) -> np.ndarray:
    """(h, w) float32 factor: where the surroundings are higher it is dark."""
    wide = cv2.GaussianBlur(relief, (0, 0), max(1.0, 0.06 * scale))
    return np.clip(1 - 3.0 * np.maximum(wide - relief, 0) / scale, 0.45, 1)


def _sheen(relief: np.ndarray, light: Light) -> np.ndarray:
    """(h, w) float32 in [0, 1], reflections where the surface leans to the lamp."""
    return np.exp(-(((slopes(relief, light) - 0.35) / 0.16) ** 2))


def _skin(
    rng: np.random.Generator,
    form: HandForm,
    frame: tuple[int, int, int, int],
    tone: np.ndarray,
    mask: np.ndarray,
) -> np.ndarray:
    """(h, w, 3) colour of the bare hand: redder ends, nails, mottled."""
    dots = [ellipse(0.15 * form.scale, 0.15 * form.scale, 12) + at for at in form.tips]
    dots += [0.8 * dots[0] + at - 0.8 * form.tips[0] for at in form.joints[1:]]
    red = cv2.GaussianBlur(mask_of(dots, frame), (0, 0), max(1.0, 0.07 * form.scale))
    mottled = 1 + 0.03 * smooth_noise(rng, mask.shape, max(2.0, 0.2 * form.scale))
    colour = tone * mottled[..., None]
    colour = colour * (1 - red[..., None] * np.array([0.02, 0.13, 0.14]))
    nails = mask_of(form.nails, frame)[..., None]
    nail = np.clip(0.35 * tone + np.array([0.58, 0.47, 0.45]), 0, 1)
    return colour + 0.75 * nails * (nail - colour)


def _glove(
    look: HandLook, skin: np.ndarray, creases: np.ndarray, cuff: np.ndarray
) -> tuple[np.ndarray, float]:
    """(h, w, 3) colour of the glove and how much it shines."""
    tone = look.colour * (1 + 0.04 * creases)[..., None]
    if look.glove != 'clear':
        return tone * (1 - 0.10 * cuff[..., None]), 0.16
    # Twice the film where it is folded or rolled.
    film = np.clip(_CLEAR + 0.10 * np.abs(creases) + 0.25 * cuff, 0, 0.8)[..., None]
    return skin + film * (tone - skin), 0.30


def _cuff(rng: np.random.Generator, form: HandForm) -> list[np.ndarray]:
    """The glove's end around the wrist, in pixels: a band, wider than the wrist."""
    length, flare = rng.uniform(0.10, 0.45), rng.uniform(1.05, 1.30)
    half = WRIST_RADIUS * np.array([1.05, flare]) * form.scale
    across = np.array([-form.outward[1], form.outward[0]])
    start = form.wrist - 0.08 * form.scale * form.outward
    stop = form.wrist + length * form.scale * form.outward
    edge = stop + rng.normal(0, 0.02, 2) * form.scale
    return [
        np.stack(
            [
                start + half[0] * across,
                stop + half[1] * across,
                edge + 0.04 * form.scale * form.outward,
                stop - half[1] * across,
                start - half[0] * across,
            ]
        )
    ]


def _hole(
    rng: np.random.Generator, form: HandForm, frame: tuple[int, int, int, int]
) -> np.ndarray:
    """(h, w) float32 in [0, 1], where the glove is gone: ends of fingers, a patch."""
    holes = []
    if rng.random() < 0.7:
        for finger in rng.permutation(5)[: rng.integers(1, 3)]:
            middle = 0.4 * form.joints[finger] + 0.6 * form.tips[finger]
            outline = blob(rng, 0.40 * form.scale, 0.30 * form.scale, 0.18)
            holes.append(turned(outline, rng.uniform(0, np.pi), middle))
    if not holes or rng.random() < 0.5:
        middle = form.wrist - form.scale * rng.uniform(0.5, 0.9) * form.outward
        outline = blob(rng, 0.34 * form.scale, 0.22 * form.scale, 0.25)
        holes.append(turned(outline, rng.uniform(0, np.pi), middle))
    return mask_of(holes, frame)
