"""A part with its defects, and how each shows under a light.

``Severe_Rust`` is a grainy brown film whose visibility depends on where the light comes
from: under some lights next to nothing is seen. ``Chipped`` is a shallow shell that
only its slopes give away. ``Broken``, ``Tip_Wear`` and ``Scratched`` are plain under
every light.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from maxsight_mm.taxonomy.defects import DEFECT_KINDS

from ..noise_fields import smooth_noise
from .defect_shapes import SHAPES
from .defect_sizes import draw_labels, draw_size
from .part_body import PartBody, make_body
from .view_light import ViewLight

_TRIES = 40
_GAP = 2
_MARGIN = 0.1
# Defects of machining edges: chips and worn tips lie near the border.
_NEAR_EDGE = ('Chipped', 'Tip_Wear')
_RUST = np.array([0.34, 0.17, 0.08], np.float32)
_LEAST_RUST = 0.05


@dataclass
class Defect:
    """One defect on a part.

    Attributes:
        label: Index in ``DEFECT_CLASSES``.
        box: x0, y0, x1, y1 in pixels of the part.
        mask: (h, w) float32 in [0, 1], fills the box.
        grain: (h, w) float32, its own texture.
        azimuth: The light that shows it best, in radians.
        strength: How marked it is, about 1.
    """

    label: int
    box: tuple[int, int, int, int]
    mask: np.ndarray
    grain: np.ndarray
    azimuth: float
    strength: float

    @property
    def name(self) -> str:
        return DEFECT_KINDS[self.label].name

    def visibility(self, light: ViewLight) -> float:
        """Share of its colour that this light shows."""
        if self.name != 'Severe_Rust':
            return 1.0
        facing = 0.5 + 0.5 * np.cos(light.azimuth - self.azimuth)
        return _LEAST_RUST + (1 - _LEAST_RUST) * float(facing) ** 1.3


class Part:
    """A body with two to six defects.

    Args:
        rng: Source of randomness.
        size: Height and width in pixels.
        least: Fewest defects.
        most: Most defects.
    """

    def __init__(
        self, rng: np.random.Generator, size: tuple[int, int], least: int, most: int
    ) -> None:
        self.size = size
        self.body: PartBody = make_body(rng, size)
        # A margin, so that no pose moves a defect out of the picture.
        self._inside = (self.body.mask > 0.5).astype(np.uint8)
        margin = round(_MARGIN * min(size))
        for rim in (
            self._inside[:margin],
            self._inside[-margin:],
            self._inside[:, :margin],
            self._inside[:, -margin:],
        ):
            rim[:] = 0
        self._depth = cv2.distanceTransform(self._inside, cv2.DIST_L2, 3)
        self.defects: list[Defect] = []
        # Large ones first: what comes late finds little room.
        sizes = [
            (int(label), *draw_size(rng, int(label), min(size)))
            for label in draw_labels(rng, least, most)
        ]
        for label, width, height in sorted(sizes, key=lambda each: -max(each[1:])):
            self._place(rng, label, width, height)

    def surface(self, light: ViewLight) -> tuple[np.ndarray, np.ndarray]:
        """Relief (H, W) and albedo (H, W, 3) as this light shows them."""
        relief, albedo = self.body.relief.copy(), self.body.albedo.copy()
        for defect in self.defects:
            x0, y0, x1, y1 = defect.box
            place = slice(y0, y1), slice(x0, x1)
            _apply(defect, light, relief[place], albedo[place])
        return relief, albedo

    def _place(
        self, rng: np.random.Generator, label: int, width: int, height: int
    ) -> None:
        """Adds a defect where there is room; it shrinks until there is."""
        name = DEFECT_KINDS[label].name
        while True:
            spots = np.argwhere(self._room(width, height))
            if len(spots):
                break
            if max(width, height) < 8:
                return
            width, height = max(3, width * 4 // 5), max(3, height * 4 // 5)
        tries = spots[rng.integers(len(spots), size=_TRIES)]
        if name in _NEAR_EDGE:
            depth = self._depth[tries[:, 0] + height // 2, tries[:, 1] + width // 2]
            y0, x0 = tries[depth.argmin()]
        else:
            y0, x0 = tries[0]
        self.defects.append(
            Defect(
                label=label,
                box=(int(x0), int(y0), int(x0) + width, int(y0) + height),
                mask=SHAPES[name](rng, width, height),
                grain=smooth_noise(rng, (height, width), 1.6),
                azimuth=float(rng.uniform(0, 2 * np.pi)),
                strength=float(rng.uniform(0.8, 1.2)),
            )
        )

    def _room(self, width: int, height: int) -> np.ndarray:
        """(H, W) bool, where the upper left corner of a box may lie."""
        taken = 1 - self._inside
        for defect in self.defects:
            x0, y0, x1, y1 = defect.box
            taken[max(0, y0 - _GAP) : y1 + _GAP, max(0, x0 - _GAP) : x1 + _GAP] = 1
        total = cv2.integral(taken)
        free = np.zeros(self.size, bool)
        rows, columns = self.size[0] - height, self.size[1] - width
        if rows <= 0 or columns <= 0:
            return free
        inside = (
            total[height:, width:]
            - total[:-height, width:]
            - total[height:, :-width]
            + total[:-height, :-width]
        )
        free[: inside.shape[0], : inside.shape[1]] = inside == 0
        return free


def _apply(
    defect: Defect, light: ViewLight, relief: np.ndarray, albedo: np.ndarray
) -> None:
    """Draws a defect into its box's relief (h, w) and albedo (h, w, 3)."""
    mask, grain = defect.mask, defect.grain
    if defect.name == 'Severe_Rust':
        shown = defect.visibility(light) * defect.strength
        cover = np.clip(mask * (0.62 + 0.22 * grain) * shown, 0, 1)[..., None]
        albedo += cover * (_RUST - albedo)
        relief += 0.5 * shown * mask * grain
    elif defect.name == 'Chipped':
        relief -= 0.9 * defect.strength * cv2.GaussianBlur(mask, (3, 3), 0)
        albedo *= 1 - 0.08 * mask[..., None]
    elif defect.name == 'Broken':
        relief -= (2.5 + 0.8 * grain) * mask
        albedo *= 1 - (0.62 + 0.08 * grain)[..., None] * mask[..., None]
    elif defect.name == 'Tip_Wear':
        cover = np.clip((0.5 + 0.14 * grain) * defect.strength * mask, 0, 1)
        albedo += cover[..., None] * (0.86 - albedo)
        relief -= 0.5 * mask
    else:
        cover = np.clip((0.62 + 0.16 * grain) * defect.strength * mask, 0, 1)
        albedo += cover[..., None] * (0.85 - albedo)
        relief -= 0.8 * mask
