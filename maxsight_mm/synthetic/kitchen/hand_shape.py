"""Hands as seen from above: palm, five fingers, wrist, in many poses.

A hand is built at a palm width of 1 with its fingers towards -y and its wrist at +y,
then scaled, foreshortened, mirrored and turned.
"""

from dataclasses import dataclass

import numpy as np

from .outlines import capsule, ellipse, smoothed, turned

# Fingers from the index to the little one: where they start, length, radius.
_BASES = ((-0.36, -0.40), (-0.12, -0.47), (0.13, -0.45), (0.35, -0.34))
_LENGTHS = (0.84, 0.94, 0.87, 0.66)
_RADII = (0.125, 0.130, 0.122, 0.105)
_SEGMENTS = (0.46, 0.31, 0.23)
_PALM = np.array(
    [
        (-0.50, -0.36),
        (-0.30, -0.52),
        (0.00, -0.56),
        (0.26, -0.52),
        (0.48, -0.36),
        (0.50, 0.05),
        (0.36, 0.50),
        (0.29, 0.74),
        (-0.29, 0.74),
        (-0.38, 0.48),
        (-0.52, 0.16),
    ]
)
WRIST = np.array([0.0, 0.70])
# Half width of the wrist.
WRIST_RADIUS = 0.29
POSES = ('open', 'reach', 'flat', 'grip', 'pinch', 'fist', 'point')


@dataclass(frozen=True)
class HandPart:
    """A finger or the palm.

    Attributes:
        outlines: Convex polygons in pixels, together the part.
        radius: Of its round edges in pixels.
        lift: Height of its lower side over that of the palm, in pixels.
    """

    outlines: list[np.ndarray]
    radius: float
    lift: float


@dataclass(frozen=True)
class HandForm:
    """A hand in the picture.

    Attributes:
        parts: The palm, then thumb, index, middle, ring and little finger.
        tips: (5, 2) ends of the fingers in pixels, thumb first.
        joints: (5, 2) their middles.
        nails: Polygons in pixels; none where the palm is seen or a finger is folded.
        wrist: (2,) where it ends, in pixels.
        outward: (2,) unit vector from the palm to the forearm.
        scale: Palm width in pixels.
        pose: Of ``POSES``.
    """

    parts: list[HandPart]
    tips: np.ndarray
    joints: np.ndarray
    nails: list[np.ndarray]
    wrist: np.ndarray
    outward: np.ndarray
    scale: float
    pose: str


@dataclass(frozen=True)
class _Pose:
    """Curls (5,) in [0, 1], thumb first; angles in radians."""

    curls: np.ndarray
    spread: float
    thumb: float


def _draw_pose(rng: np.random.Generator, pose: str) -> _Pose:
    jitter = rng.uniform(-0.08, 0.08, 5)
    curls, spread, thumb = {
        'open': ([0.1, 0.05, 0.05, 0.05, 0.1], 0.20, 0.85),
        'reach': ([0.2, 0.25, 0.2, 0.25, 0.35], 0.07, 0.55),
        'flat': ([0.1, 0.0, 0.0, 0.0, 0.0], 0.02, 0.25),
        'grip': ([0.3, 0.7, 0.72, 0.75, 0.8], 0.03, 0.35),
        'pinch': ([0.25, 0.35, 0.5, 0.65, 0.75], 0.05, 0.12),
        'fist': ([0.6, 0.95, 0.95, 0.95, 0.95], 0.0, 0.1),
        'point': ([0.45, 0.02, 0.8, 0.85, 0.85], 0.05, 0.3),
    }[pose]
    return _Pose(
        np.clip(np.array(curls) + jitter, 0, 1),
        spread * rng.uniform(0.7, 1.3),
        thumb + rng.normal(0, 0.12),
    )


def make_hand(
    rng: np.random.Generator,
    at: np.ndarray,
    scale: float,
    angle: float,
    plump: float = 1.0,
    pose: str | None = None,
) -> HandForm:
    """A hand.

    Args:
        rng: Source of randomness.
        at: (2,) x, y of the palm's middle in pixels.
        scale: Palm width in pixels.
        angle: Direction of the fingers in radians; 0 is to the right.
        plump: Factor on the thickness of fingers: gloves are thicker.
        pose: Of ``POSES``; drawn if None.
    """
    pose = pose or str(rng.choice(POSES))
    form = _draw_pose(rng, pose)
    palm_seen = rng.random() < 0.3
    # Foreshortened along or across, seldom strongly.
    stretch = np.array([rng.uniform(0.82, 1.0), rng.uniform(0.72, 1.0)]) * scale
    mirror = np.array([rng.choice([-1.0, 1.0]), 1.0])

    def placed(points: np.ndarray) -> np.ndarray:
        return turned(points * stretch * mirror, angle + np.pi / 2, at)

    chains, radii = [_thumb(form, plump)], [0.14 * plump]
    for finger in range(4):
        chains.append(_finger(rng, form, finger, palm_seen))
        radii.append(_RADII[finger] * plump)
    palm = smoothed(_PALM * (1 + 0.3 * (plump - 1)))
    parts = [HandPart([placed(palm)], 0.34 * scale, 0.0)]
    for number, (chain, radius) in enumerate(zip(chains, radii, strict=True)):
        taper = np.linspace(1.0, 0.80, len(chain)) * radius
        rods = [
            placed(capsule(chain[i], chain[i + 1], taper[i], taper[i + 1]))
            for i in range(len(chain) - 1)
        ]
        folded = form.curls[number] > 0.45
        lift = (0.10 if folded or palm_seen else 0.04) * scale
        parts.append(HandPart(rods, 1.2 * radius * scale, lift))
    nails = []
    if not palm_seen:
        for chain, radius, curl in zip(chains, radii, form.curls, strict=True):
            if curl < 0.45:
                nails.append(placed(_nail(chain, radius)))
    ends = placed(np.stack([chain[-1] for chain in chains]))
    middles = placed(np.stack([chain[1] for chain in chains]))
    wrist, middle = placed(np.stack([WRIST, np.zeros(2)]))
    outward = (wrist - middle) / np.linalg.norm(wrist - middle)
    return HandForm(parts, ends, middles, nails, wrist, outward, scale, pose)


def _finger(
    rng: np.random.Generator, form: _Pose, finger: int, palm_seen: bool
) -> np.ndarray:
    """(4, 2) joints of a finger, base first."""
    curl = form.curls[finger + 1]
    angle = (finger - 1.4) * form.spread + rng.normal(0, 0.03)
    bend = rng.normal(0, 0.06)
    # What a bent joint leaves of each segment, seen from above.
    left = [1 - 0.45 * curl, 1 - 0.95 * curl, 1 - 1.5 * curl]
    if not palm_seen:
        # Fingertips that fold under the hand are not seen.
        left = [max(each, 0.1) for each in left]
    joints = [np.array(_BASES[finger])]
    for share, length in zip(left, _SEGMENTS, strict=True):
        step = _LENGTHS[finger] * length * share
        joints.append(joints[-1] + step * np.array([np.sin(angle), -np.cos(angle)]))
        angle += bend
    return np.stack(joints)


def _thumb(form: _Pose, plump: float) -> np.ndarray:
    """(4, 2) joints of the thumb, base first."""
    angle = -form.thumb - 0.25
    joints = [np.array([-0.30, 0.24])]
    for length, curl in ((0.34, 0.1), (0.30, 0.3), (0.22, 0.5)):
        step = length * (1 - curl * form.curls[0])
        joints.append(joints[-1] + step * np.array([np.sin(angle), -np.cos(angle)]))
        angle += 0.35 * form.curls[0] + 0.15
    return np.stack(joints)


def _nail(chain: np.ndarray, radius: float) -> np.ndarray:
    along = chain[-1] - chain[-2]
    angle = float(np.arctan2(along[1], along[0]))
    centre = chain[-1] + 0.15 * radius * along / (np.linalg.norm(along) + 1e-9)
    return turned(ellipse(0.55 * radius, 0.45 * radius, 12), angle, centre)
