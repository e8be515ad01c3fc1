"""Parts with surface defects as a camera over a bench sees them."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..noise_fields import smooth_noise
from .part import Part
from .view_light import ViewLight, draw_light, draw_pose, expose, gloss, shade


@dataclass
class DefectView:
    """One picture of a part and its labels.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        boxes: (n, 4) int64 x0, y0, x1, y1, the extent of ``masks`` above 0.5.
        labels: (n,) int64 in ``DEFECT_CLASSES``.
        masks: (n, H, W) bool.
        visibility: (n,) float, share of the defect's colour that the light shows. What
            is hidden is labelled all the same: it is there.
        light: The light of this view.
    """

    image: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    masks: np.ndarray
    visibility: np.ndarray
    light: ViewLight


class DefectWorld:
    """Draws parts from seeds.

    Args:
        width: Of a picture in pixels.
        height: Of a picture in pixels.
        least: Fewest defects of a part.
        most: Most defects of a part.

    Raises:
        ValueError: If a picture would be smaller than 96 pixels or larger than 1024,
            or ``least`` and ``most`` are no range.
    """

    def __init__(
        self, width: int = 160, height: int = 160, least: int = 2, most: int = 6
    ) -> None:
        if not (96 <= width <= 1024 and 96 <= height <= 1024):
            raise ValueError(f'sizes must be 96 to 1024 pixels, got {width}x{height}')
        if not 0 <= least <= most:
            raise ValueError(f'expected 0 <= least <= most, got {least}, {most}')
        self.size = height, width
        self.least = least
        self.most = most

    def views(self, seed: int, number: int = 2) -> Iterator[DefectView]:
        """Views of the part of a seed; the first ones are the same for any number."""
        rng = np.random.default_rng(seed)
        part = Part(rng, self.size, self.least, self.most)
        bench = _bench(rng, self.size)
        for index in range(number):
            yield self._view(np.random.default_rng([seed, index]), part, bench)

    def _view(
        self, rng: np.random.Generator, part: Part, bench: np.ndarray
    ) -> DefectView:
        light, pose = draw_light(rng), draw_pose(rng, self.size)
        relief, albedo = part.surface(light)
        # Shaded first, then turned: over a few degrees nobody sees the difference.
        shaded = albedo * shade(relief, light)[..., None]
        shaded += gloss(self.size, light)[..., None]
        layers = np.dstack([shaded, part.body.mask])
        layers = self._warp(layers, pose)
        cover = layers[..., 3:]
        shadow = cv2.GaussianBlur(layers[..., 3], (0, 0), 4)[..., None]
        image = bench * (1 - 0.45 * shadow)
        image = image + cover * (layers[..., :3] - image)
        image = expose(rng, image, light)
        masks, boxes, kept = [], [], []
        for defect in part.defects:
            mask = self._warp_mask(defect, pose)
            if (box := _extent(mask)) is not None:
                masks.append(mask)
                boxes.append(box)
                kept.append(defect)
        return DefectView(
            image=image[..., ::-1].copy(),
            boxes=np.array(boxes, np.int64).reshape(-1, 4),
            labels=np.array([defect.label for defect in kept], np.int64),
            masks=np.array(masks, bool).reshape(-1, *self.size),
            visibility=np.array([defect.visibility(light) for defect in kept]),
            light=light,
        )

    def _warp(self, layers: np.ndarray, pose: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(layers, pose, self.size[::-1], flags=cv2.INTER_LINEAR)

    def _warp_mask(self, defect, pose: np.ndarray) -> np.ndarray:
        full = np.zeros(self.size, np.float32)
        x0, y0, x1, y1 = defect.box
        full[y0:y1, x0:x1] = defect.mask
        return self._warp(full, pose) > 0.5


def _bench(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) float32, what the part lies on: cloth, wood or a painted table."""
    colour = rng.choice(
        [[0.20, 0.22, 0.25], [0.42, 0.33, 0.24], [0.24, 0.34, 0.30], [0.62, 0.62, 0.60]]
    )
    grain = (rng.uniform(1.5, 6), rng.uniform(1.5, 40))
    texture = 0.06 * smooth_noise(rng, size, grain) + 0.05 * smooth_noise(rng, size, 50)
    bench = colour * (1 + texture)[..., None]
    return np.clip(bench, 0.02, 1).astype(np.float32)


def _extent(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
