"""The hands of one picture: where they work, what they wear, what lies before them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

import numpy as np

from .canvas import Canvas
from .equipment import cloth, cutlery, plate, tool
from .food import leaves, sausages
from .forearm import draw_sleeve, paint_forearm
from .hand_look import HandLook, draw_look, paint_hand
from .hand_shape import make_hand

# Of each hand, and of the skin that a torn glove shows, at least this share is seen,
# whatever lies before it and wherever the picture ends.
LEAST_VISIBLE = 0.35
# A torn glove shows skin on at least this share of the hand.
LEAST_TORN = 0.06
_TRIES = 12
# Palm width as a share of the picture's shorter side.
_PALM = (0.17, 0.32)
_EDGES = ('below', 'above', 'left', 'right')
_EDGE_SHARES = (0.5, 0.18, 0.16, 0.16)
_HOLDING = ('grip', 'fist', 'pinch')


def draw_looks(rng: np.random.Generator, scenario: str, torn: bool) -> list[HandLook]:
    """What one to three hands wear; the first is what the scenario asks for.

    Args:
        rng: Source of randomness.
        scenario: violation, proper or edge_case.
        torn: Whether the first wears a torn glove.
    """
    number = int(rng.choice([1, 2, 3], p=[0.42, 0.48, 0.1]))
    gloved = [
        scenario == 'proper' or torn or (scenario == 'edge_case' and rng.random() < 0.5)
    ]
    for _ in range(1, number):
        gloved.append(scenario == 'proper' or bool(rng.random() < 0.5))
    looks = [draw_look(rng, gloved[0], torn)]
    for own in gloved[1:]:
        look = draw_look(rng, own)
        # The second is mostly the other hand of the same person.
        if len(looks) == 1 and rng.random() < 0.85:
            colour = looks[0].skin
            pair = own and looks[0].glove is not None
            if pair and rng.random() < 0.9:
                look = replace(looks[0], torn=False)
            else:
                look = replace(look, skin=colour, colour=look.colour if own else colour)
        looks.append(look)
    return looks


class Crew:
    """Hands on a canvas.

    Args:
        canvas: With everything that lies under them.

    Attributes:
        looks: Of the hands that are there.
    """

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.looks: list[HandLook] = []
        self._areas: list[tuple[int, int]] = []
        self._edge = 'below'
        self._sleeve = (np.ones(3), 0.0)
        self._palm = 0.0

    def add(self, rng: np.random.Generator, look: HandLook) -> None:
        """A hand with its forearm, where it hides none of the others too much.

        Where no place is found for another it is left out; for the first nearly every
        place will do.
        """
        for _ in range(_TRIES) if self.looks else count():
            if self._kept(partial(self._paint, rng, look)):
                return

    def cover_one(self, rng: np.random.Generator) -> None:
        """Something that lies before the first hand."""
        side = min(self.canvas.size)
        drawings = (cloth, plate, cutlery, leaves, sausages)
        for _ in range(_TRIES):
            rows, columns = np.nonzero(self._mask(0))
            spot = rng.integers(len(rows))
            at = np.array([columns[spot], rows[spot]], float)
            draw = drawings[rng.integers(len(drawings))]
            size = side * rng.uniform(0.10, 0.22)
            before = self._mask(0).sum()
            kept = self._kept(partial(draw, rng, self.canvas, at, size))
            if kept and self._mask(0).sum() < 0.85 * before:
                return

    def visible_masks(self) -> list[np.ndarray]:
        """(H, W) bool of each hand."""
        return [self._mask(index) for index in range(len(self.looks))]

    def _mask(self, index: int) -> np.ndarray:
        return np.abs(self.canvas.owners) == index + 1

    def _kept(self, draw: Callable[[], None]) -> bool:
        """Draws, or leaves all as it was where too little of a hand would be seen."""
        canvas, number = self.canvas, len(self.looks)
        image, owners = canvas.image.copy(), canvas.owners.copy()
        draw()
        if all(self._is_seen(index) for index in range(len(self.looks))):
            return True
        canvas.image, canvas.owners = image, owners
        del self.looks[number:], self._areas[number:]
        return False

    def _is_seen(self, index: int) -> bool:
        area, hole = self._areas[index]
        if self._mask(index).sum() < LEAST_VISIBLE * area:
            return False
        skin = (self.canvas.owners == -index - 1).sum()
        return not self.looks[index].torn or bool(
            skin >= max(LEAST_VISIBLE * hole, LEAST_TORN * area)
        )

    def _paint(self, rng: np.random.Generator, look: HandLook) -> None:
        canvas = self.canvas
        height, width = canvas.size
        at = np.array([width, height]) * rng.uniform(0.12, 0.88, 2)
        # Arms come from the picture's edge, most of them from below; both of a person
        # from the same.
        if len(self.looks) != 1 or rng.random() < 0.15:
            self._edge = str(rng.choice(_EDGES, p=_EDGE_SHARES))
            self._sleeve = draw_sleeve(rng)
            self._palm = _PALM[0] * (_PALM[1] / _PALM[0]) ** rng.random()
        scale = min(canvas.size) * self._palm * rng.uniform(0.88, 1.12)
        along = rng.uniform(-0.2, 1.2)
        start = {
            'below': (along * width, 1.3 * height),
            'above': (along * width, -0.3 * height),
            'left': (-0.3 * width, along * height),
            'right': (1.3 * width, along * height),
        }[self._edge]
        angle = float(np.arctan2(*(at - start)[::-1])) + rng.normal(0, 0.3)
        plump = 1.0 if look.glove is None else rng.uniform(1.05, 1.22)
        form = make_hand(rng, at, scale, angle, plump)
        paint_forearm(rng, canvas, form, look, self._sleeve)
        if form.pose in _HOLDING and rng.random() < 0.6:
            across = float(np.arctan2(*form.outward[::-1])) + rng.choice([-1.3, 1.3])
            tool(rng, canvas, form.joints[2], 1.6 * form.scale, across)
        self.looks.append(look)
        canvas.owner = len(self.looks)
        self._areas.append(paint_hand(rng, canvas, form, look))
        canvas.owner = 0
