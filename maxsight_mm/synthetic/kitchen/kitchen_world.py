"""Worktops of a kitchen, and the hands that work there, as a camera above sees them."""

from dataclasses import dataclass

import numpy as np

from maxsight_mm.taxonomy.kitchen import SCENARIOS

from .camera_view import blur, expose, steam
from .canvas import Canvas, Light
from .crew import Crew, draw_looks
from .equipment import EQUIPMENT, board
from .food import FOODS
from .hand_look import HandLook
from .worktop import make_worktop

LEAST_SIZE, MOST_SIZE = 96, 1024
# What makes an edge case; a scene has one or two of them.
TROUBLES = ('steam', 'blur', 'occlusion', 'torn')


@dataclass
class KitchenScene:
    """One picture and its labels.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        boxes: (n, 4) int64 x0, y0, x1, y1, the extent of ``masks``.
        labels: (n,) int64 in ``KITCHEN_CLASSES``. A torn glove is no glove.
        masks: (n, H, W) bool, the visible part of each hand, from the fingertips to
            the wrist or the end of the glove.
        looks: What covers each hand.
        scenario: Of ``SCENARIOS``.
        troubles: Of ``TROUBLES``; empty unless it is an edge case.
    """

    image: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    masks: np.ndarray
    looks: list[HandLook]
    scenario: str
    troubles: tuple[str, ...]


class KitchenWorld:
    """Draws scenes from seeds.

    Args:
        width: Of a picture in pixels.
        height: Of a picture in pixels.

    Raises:
        ValueError: If a picture would be smaller than 96 pixels or larger than 1024.
    """

    def __init__(self, width: int = 160, height: int = 160) -> None:
        if not all(LEAST_SIZE <= side <= MOST_SIZE for side in (width, height)):
            raise ValueError(
                f'sizes must be {LEAST_SIZE} to {MOST_SIZE} pixels, '
                f'got {width}x{height}'
            )
        self.size = height, width

    def scene(
        self, seed: int, scenario: str, equipment_only: bool = False
    ) -> KitchenScene:
        """The scene of a seed; it hangs on nothing else.

        Args:
            seed: Which one.
            scenario: Of ``SCENARIOS``.
            equipment_only: Whether no food lies there.

        Raises:
            ValueError: If there is no such scenario.
        """
        if scenario not in SCENARIOS:
            raise ValueError(f'scenario must be one of {SCENARIOS}, got {scenario!r}')
        rng = np.random.default_rng([seed, SCENARIOS.index(scenario)])
        light = Light(
            azimuth=float(rng.uniform(0, 2 * np.pi)),
            slant=float(rng.uniform(0.45, 0.95)),
            softness=float(rng.uniform(0.7, 1.6)),
        )
        canvas = Canvas(make_worktop(rng, self.size), light)
        self._set_table(rng, canvas, equipment_only)
        troubles: tuple[str, ...] = ()
        if scenario == 'edge_case':
            number = int(rng.integers(1, 3))
            troubles = tuple(rng.choice(TROUBLES, number, replace=False).tolist())
        crew = Crew(canvas)
        if scenario != 'background':
            for look in draw_looks(rng, scenario, 'torn' in troubles):
                crew.add(rng, look)
            if 'occlusion' in troubles:
                crew.cover_one(rng)
        masks = crew.visible_masks()
        image = self._view(rng, canvas.image, troubles)
        boxes = np.array([_extent(mask) for mask in masks], np.int64).reshape(-1, 4)
        labels = [int(look.glove is None or look.torn) for look in crew.looks]
        return KitchenScene(
            image=image,
            boxes=boxes,
            labels=np.array(labels, np.int64),
            masks=np.array(masks, bool).reshape(-1, *self.size),
            looks=crew.looks,
            scenario=scenario,
            troubles=troubles,
        )

    def _set_table(
        self, rng: np.random.Generator, canvas: Canvas, equipment_only: bool
    ) -> None:
        height, width = self.size
        side = min(self.size)
        if rng.random() < 0.65:
            middle = np.array([width, height]) * rng.uniform(0.3, 0.7, 2)
            board(rng, canvas, middle, side * rng.uniform(0.22, 0.36))
        kinds = [EQUIPMENT] if equipment_only else [EQUIPMENT, FOODS, FOODS]
        for _ in range(rng.integers(2, 7)):
            kind = kinds[rng.integers(len(kinds))]
            draw = kind[rng.integers(len(kind))]
            at = np.array([width, height]) * rng.uniform(0.02, 0.98, 2)
            draw(rng, canvas, at, side * rng.uniform(0.10, 0.24))

    def _view(
        self, rng: np.random.Generator, image: np.ndarray, troubles: tuple[str, ...]
    ) -> np.ndarray:
        """(H, W, 3) uint8 BGR as the camera gives it."""
        unit = min(self.size) / 160
        if 'steam' in troubles:
            image = steam(rng, image, rng.uniform(0.75, 0.95))
        elif rng.random() < 0.15:
            image = steam(rng, image, rng.uniform(0.1, 0.4))
        if 'blur' in troubles:
            image = blur(rng, image, unit * rng.uniform(1.8, 3.2))
        elif rng.random() < 0.3:
            image = blur(rng, image, unit * rng.uniform(0.4, 0.9))
        return expose(rng, image)


def _extent(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
