"""The picture while it is drawn: patches are laid on it, each with its shadow.

Each pixel remembers whose it is, so that what is seen of a hand at the end is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from .outlines import frame_of, mask_of

Texture = Callable[[tuple[int, int]], np.ndarray]


@dataclass(frozen=True)
class Light:
    """One lamp over the worktop.

    Attributes:
        azimuth: Direction that the light comes from, in radians.
        slant: How much slopes differ from what is flat.
        softness: Width of shadows, about 1.
    """

    azimuth: float
    slant: float
    softness: float

    @property
    def towards(self) -> np.ndarray:
        """(2,) x, y of the unit vector to the lamp."""
        return np.array([np.cos(self.azimuth), np.sin(self.azimuth)])


def rounded(mask: np.ndarray, radius: float) -> np.ndarray:
    """(h, w) float32 height in pixels of a pillow: round edges, flat beyond a radius.

    Args:
        mask: (h, w) float32 in [0, 1].
        radius: Of the edges, in pixels.
    """
    inside = (mask > 0.5).astype(np.uint8)
    depth = np.minimum(cv2.distanceTransform(inside, cv2.DIST_L2, 3) / radius, 1)
    # Blurred, or the steps of the outline's pixels would show as combs.
    width = max(0.8, 0.22 * radius)
    return cv2.GaussianBlur(0.8 * radius * depth * (2 - depth), (0, 0), width)


def slopes(relief: np.ndarray, light: Light) -> np.ndarray:
    """(h, w) float32, how far the surface leans to the lamp."""
    x, y = light.towards
    across = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    down = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    return -(across * x + down * y)


def lit(relief: np.ndarray, light: Light) -> np.ndarray:
    """(h, w) float32 brightness of a relief in pixels, 1 where it is flat."""
    return np.clip(1 + light.slant * slopes(relief, light), 0.35, 1.6)


class Canvas:
    """A picture of a worktop.

    Args:
        image: (H, W, 3) float32 RGB in [0, 1], what lies lowest.
        light: The lamp.

    Attributes:
        owners: (H, W) int16, the ``owner`` that covers each pixel by more than half;
            negative where its torn glove shows skin.
        owner: Of what is laid from now on; 0 is nobody.
    """

    def __init__(self, image: np.ndarray, light: Light) -> None:
        self.image = image
        self.owners = np.zeros(image.shape[:2], np.int16)
        self.owner = 0
        self.light = light
        self.size = image.shape[:2]
        # Pixels a hundred-and-sixtieth of the shorter side.
        self.unit = min(self.size) / 160

    def lay(
        self,
        mask: np.ndarray,
        colour: np.ndarray,
        at: tuple[int, int],
        height: float = 2.0,
        shadow: float = 0.45,
    ) -> None:
        """Lays a patch with its shadow.

        Args:
            mask: (h, w) float32 in [0, 1].
            colour: (h, w, 3) or (3,) float32.
            at: x, y of the patch's corner; it may reach out of the picture.
            height: Over the worktop, in units: how far the shadow falls.
            shadow: Its darkness in [0, 1].
        """
        if shadow:
            self._cast(mask, at, height * self.unit, shadow)
        view, cut = self._overlap(mask.shape, at)
        cover = mask[cut]
        colour = np.asarray(colour, np.float32)
        colour = colour[cut] if colour.ndim == 3 else colour
        place = self.image[view]
        place += cover[..., None] * (colour - place)
        self.owners[view][cover > 0.5] = self.owner

    def claim(self, mask: np.ndarray, at: tuple[int, int], owner: int) -> None:
        """Gives pixels to an owner where ``mask`` (h, w) is above 0.5."""
        view, cut = self._overlap(mask.shape, at)
        self.owners[view][mask[cut] > 0.5] = owner

    def draw(
        self,
        outlines: Sequence[np.ndarray],
        colour: Sequence[float] | np.ndarray,
        edge: float = 2.0,
        height: float = 2.0,
        shadow: float = 0.45,
        texture: Texture | None = None,
    ) -> None:
        """Lays outlines of one colour with round edges.

        Args:
            outlines: Polygons in pixels of the picture.
            colour: (3,) RGB in [0, 1].
            edge: Radius of the round edge, in units.
            height: As in ``lay``.
            shadow: As in ``lay``.
            texture: Gives a factor on the colour for a patch of (h, w).
        """
        frame = self.frame_around(outlines)
        mask = mask_of(outlines, frame)
        bright = lit(rounded(mask, max(edge * self.unit, 1.0)), self.light)
        if texture is not None:
            bright *= texture((frame[3], frame[2]))
        shaded = np.asarray(colour, np.float32) * bright[..., None]
        self.lay(mask, shaded, frame[:2], height, shadow)

    def frame_around(self, outlines: Sequence[np.ndarray]) -> tuple[int, int, int, int]:
        """x0, y0, width and height of a frame around what may be seen of outlines."""
        x0, y0, width, height = frame_of(outlines)
        # As far out as round edges and shadows reach.
        margin = int(12 * self.unit)
        left, upper = max(x0, -margin), max(y0, -margin)
        right = min(x0 + width, self.size[1] + margin)
        lower = min(y0 + height, self.size[0] + margin)
        return left, upper, max(right - left, 1), max(lower - upper, 1)

    def _cast(
        self, mask: np.ndarray, at: tuple[int, int], fall: float, shadow: float
    ) -> None:
        width = max(0.6, 0.5 * fall * self.light.softness)
        pad = int(np.ceil(2 * width))
        wide = cv2.copyMakeBorder(mask, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
        soft = cv2.GaussianBlur(wide, (0, 0), width)
        x, y = (np.subtract(at, pad) - fall * self.light.towards).round().astype(int)
        view, cut = self._overlap(soft.shape, (int(x), int(y)))
        self.image[view] *= 1 - shadow * soft[cut][..., None]

    def _overlap(
        self, shape: Sequence[int], at: tuple[int, int]
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where a patch lies in the picture, and what of the patch that is."""
        view, cut = [], []
        for start, length, limit in zip(at[::-1], shape, self.size, strict=False):
            low, high = max(start, 0), max(min(start + length, limit), max(start, 0))
            view.append(slice(low, high))
            cut.append(slice(low - start, high - start))
        return (view[0], view[1]), (cut[0], cut[1])
