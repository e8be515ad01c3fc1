"""Draws two stick figures, a ball and the mark of a contact, from labels and a seed.

The action is in the limbs of one player, the severity in the size of the mark, the
offence in its place: on the ball, between, or on the leg. Sizes of neighbouring
severities overlap a little, so that no network can be right on all of them. Stewards
far away, cones and white lines say nothing.
"""

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

TASKS: dict[str, tuple[str, ...]] = {
    'action_class': (
        'tackling',
        'pushing',
        'holding',
        'elbowing',
        'high_leg',
        'challenge',
    ),
    'severity': ('none', 'minor', 'serious', 'critical'),
    'offence': ('no', 'between', 'yes'),
}
SIDE_PX = 64
# Radius of the mark by severity, and its spread; px of the finished picture.
MARK_PX = (2.2, 3.6, 5.0, 6.4)
MARK_SPREAD_PX = 0.35

# Drawn this many times larger and brought down, for smooth edges.
_SCALE = 4
# Degrees: torso from straight up, arms, forearms, legs and shins from straight down.
# Positive angles point at the other player.
_STANDING = dict(
    torso=0, arms=(-15, 20), forearms=(-5, 30), legs=(-12, 14), shins=(-8, 6)
)
_POSES: dict[str, dict] = {
    'tackling': dict(
        torso=-65, arms=(-50, -80), forearms=(-60, -80), legs=(78, 60), shins=(84, 40)
    ),
    'pushing': dict(
        torso=12, arms=(80, 88), forearms=(85, 90), legs=(-25, 12), shins=(-25, 0)
    ),
    'holding': dict(
        torso=6, arms=(35, 45), forearms=(75, 60), legs=(-10, 15), shins=(-10, 5)
    ),
    'elbowing': dict(
        torso=3, arms=(100, -15), forearms=(20, -10), legs=(-10, 14), shins=(-8, 5)
    ),
    'high_leg': dict(
        torso=-18, arms=(-45, 40), forearms=(-30, 45), legs=(92, -8), shins=(96, -5)
    ),
    'challenge': dict(
        torso=24, arms=(-25, -10), forearms=(-30, -5), legs=(-32, -18), shins=(-34, -22)
    ),
}
_JITTER_DEG = 7.0


def draw_incident(labels: Mapping[str, int], seed: int | Sequence[int]) -> np.ndarray:
    """The picture of one incident.

    Args:
        labels: Label of each of ``TASKS``.
        seed: Of everything that the labels leave open.

    Returns:
        (64, 64, 3) uint8, BGR.
    """
    rng = np.random.default_rng(seed)
    image = _grass(rng)
    # A stream of their own: what follows is the same with them and without.
    _bystanders(image, rng.spawn(1)[0])
    shirts = rng.permutation(4)[:2]
    # Mirrored at random at the end: the left player is always the one who acts.
    action = TASKS['action_class'][labels['action_class']]
    ground = rng.uniform(50, 56)
    victim_x = rng.uniform(37, 43)
    reach = dict(tackling=19, high_leg=19, pushing=16, elbowing=12).get(action, 10)
    hip = (victim_x - reach + rng.uniform(-1.5, 1.5), ground - 19)
    if action == 'tackling':
        hip = (hip[0] - 2, ground - 5)
    foot = _player(image, rng, (victim_x, ground - 19), _STANDING, shirts[0], facing=-1)
    _player(image, rng, hip, _POSES[action], shirts[1], facing=1)
    ball = np.array([victim_x + rng.uniform(12, 16), ground - 2])
    _disc(image, ball, 2.4, (235, 235, 235), edge=(40, 40, 40))
    leg = np.array([foot[0], ground - 7])
    where = (ball, (ball + leg) / 2, leg)[labels['offence']]
    radius = MARK_PX[labels['severity']] + rng.normal(0, MARK_SPREAD_PX)
    _mark(image, where + rng.normal(0, 0.7, 2), radius, rng)
    small = cv2.resize(image, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    noisy = small + rng.normal(0, rng.uniform(2, 9), small.shape)
    light = rng.uniform(0.75, 1.2)
    picture = np.clip(noisy * light, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(picture[:, ::-1]) if rng.random() < 0.5 else picture


def _grass(rng: np.random.Generator) -> np.ndarray:
    """Mown stripes and sometimes a white line."""
    side = SIDE_PX * _SCALE
    base = np.array([rng.uniform(40, 70), rng.uniform(110, 150), rng.uniform(50, 80)])
    image = np.empty((side, side, 3), np.uint8)
    image[:] = base.astype(np.uint8)
    width = int(rng.uniform(30, 60))
    for start in range(int(rng.integers(0, width)), side, 2 * width):
        image[:, start : start + width] = (base * 0.88).astype(np.uint8)
    if rng.random() < 0.4:
        y = int(rng.uniform(0.3, 0.95) * side)
        cv2.line(image, (0, y), (side, y + int(rng.normal(0, 12))), (215, 225, 220), 5)
    return image


def _bystanders(image: np.ndarray, rng: np.random.Generator) -> None:
    """Stewards in the distance and a cone, in colours that no player or mark has."""
    for _ in range(rng.integers(0, 3)):
        x, y = rng.uniform(4, SIDE_PX - 4), rng.uniform(7, 13)
        coat = int(rng.uniform(90, 150))
        points = np.array([(x, y), (x, y + 4), (x - 1, y + 8), (x + 1, y + 8)])
        top, hip, left, right = np.round(points * _SCALE).astype(int).tolist()
        for end in (left, right):
            cv2.line(image, hip, end, (60, 50, 40), 5, cv2.LINE_AA)
        cv2.line(image, top, hip, (coat, coat, coat), 10, cv2.LINE_AA)
        _disc(image, (x, y - 2.5), 1.5, (90, 110, 140))
    if rng.random() < 0.35:
        x, y = rng.uniform(3, SIDE_PX - 3), rng.uniform(54, 62)
        corners = np.array([(x - 2, y), (x + 2, y), (x, y - 5)])
        points = np.round(corners * _SCALE).astype(np.int32)
        cv2.fillPoly(image, [points], (170, 90, 170), cv2.LINE_AA)


def _player(
    image: np.ndarray,
    rng: np.random.Generator,
    hip: tuple[float, float],
    pose: Mapping,
    shirt: int,
    facing: int,
) -> np.ndarray:
    """Draws a player; the (2,) place of the second foot."""
    colour = ((40, 40, 200), (200, 90, 30), (30, 200, 220), (230, 230, 230))[shirt]
    skin = tuple(int(c) for c in np.array([140, 170, 220]) * rng.uniform(0.4, 1.05))
    start = np.array(hip)

    def turned(degrees: float, length: float, origin: np.ndarray) -> np.ndarray:
        angle = math.radians(degrees + rng.normal(0, _JITTER_DEG))
        return origin + length * np.array([facing * math.sin(angle), math.cos(angle)])

    lean = pose['torso']
    neck = turned(180 - lean, 12, start)
    limbs: list[tuple] = []
    for thigh, shin in zip(pose['legs'], pose['shins'], strict=True):
        knee = turned(thigh, 8.5, start)
        limbs.append((start, knee, turned(shin, 8.5, knee), (60, 50, 40)))
    foot = limbs[-1][2]
    for upper, fore in zip(pose['arms'], pose['forearms'], strict=True):
        elbow = turned(upper, 6, neck)
        limbs.append((neck, elbow, turned(fore, 6, elbow), skin))
    for one, middle, end, tint in limbs:
        points = np.round(np.array([one, middle, end]) * _SCALE).astype(np.int32)
        cv2.polylines(image, [points], False, tint, 9, cv2.LINE_AA)
    body = np.round(np.array([start, neck]) * _SCALE).astype(np.int32)
    cv2.polylines(image, [body], False, colour, 19, cv2.LINE_AA)
    _disc(image, turned(180 - lean, 16, start), 3.2, skin)
    return foot


def _disc(image, centre, radius, colour, edge=None) -> None:
    place = tuple(int(round(v * _SCALE)) for v in centre)
    cv2.circle(image, place, int(round(radius * _SCALE)), colour, -1, cv2.LINE_AA)
    if edge is not None:
        cv2.circle(image, place, int(round(radius * _SCALE)), edge, 2, cv2.LINE_AA)


def _mark(
    image: np.ndarray, centre: np.ndarray, radius: float, rng: np.random.Generator
) -> None:
    """A yellow star with a red heart."""
    turn = rng.uniform(0, math.pi)
    angles = turn + np.arange(16) * math.pi / 8
    lengths = radius * np.where(np.arange(16) % 2, 0.55, 1.15)
    star = centre + lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    points = np.round(star * _SCALE).astype(np.int32)
    cv2.fillPoly(image, [points], (20, 210, 250), cv2.LINE_AA)
    _disc(image, centre, radius * 0.5, (20, 20, 225))
