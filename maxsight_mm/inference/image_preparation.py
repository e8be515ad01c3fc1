"""From a picture to the normalised input of a network, in numpy.

Does what ``Resize`` of the test pipeline and the data preprocessor do, to the last
bit, so that a device needs neither. One thing a static graph forces: a picture of
another aspect than its input is fitted into it and padded (our design).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mmcv
import numpy as np

from maxsight_mm.datasets.safe_image import InvalidImageError

# Steps of a test pipeline that leave a picture from outside as it is: they load, label
# or pack what the data set has, or simulate how somebody sees it.
_NEUTRAL_STEPS = ('Load', 'Derive', 'Pack', 'Simulate')


@dataclass(frozen=True, eq=False)
class PreparedImage:
    """Input of the network and the way back.

    Attributes:
        pixels: (3, H, W) float32, normalised and padded.
        shape: Height and width without the padding.
        scale_factor: (2,) float32, x and y, from the picture to the input.
        original_shape: Height and width of the picture.
    """

    pixels: np.ndarray
    shape: tuple[int, int]
    scale_factor: np.ndarray
    original_shape: tuple[int, int]


@dataclass(frozen=True)
class ImagePreparation:
    """Resize, normalise, pad.

    Attributes:
        scale: (W, H) as ``Resize`` takes it; ``None`` keeps the size. With
            ``keep_ratio`` the long edge of a picture fits the longer of the two.
        keep_ratio: Keep the aspect, or stretch.
        mean: Of the channels after ``bgr_to_rgb``, 0 to 255.
        std: Of the same.
        bgr_to_rgb: Whether channels are swapped.
        pad_value: Of the padding below and to the right, after normalisation.
        size_divisor: The input's height and width are multiples of it.
        fixed_size: (H, W) of a static graph: pictures are fitted into just this.
        size_range: Smallest and largest (H, W) of a dynamic graph.
        sees_padding: Whether the network takes the padding for picture, as exported
            graphs do, or is told where the picture ends.
    """

    scale: tuple[int, int] | None
    keep_ratio: bool
    mean: Sequence[float] = (0.0, 0.0, 0.0)
    std: Sequence[float] = (1.0, 1.0, 1.0)
    bgr_to_rgb: bool = False
    pad_value: float = 0.0
    size_divisor: int = 1
    fixed_size: tuple[int, int] | None = None
    size_range: tuple[tuple[int, int], tuple[int, int]] | None = None
    sees_padding: bool = False

    def __call__(self, picture: np.ndarray, name: str = 'image') -> PreparedImage:
        """(H, W, 3) uint8 BGR -> input of the network; ``name`` is for messages.

        Raises:
            InvalidImageError: If the input lies outside the range of the graph.
        """
        height, width = picture.shape[:2]
        resized = self._resize(picture)
        shape = resized.shape[:2]
        channels = resized[..., ::-1] if self.bgr_to_rgb else resized
        mean, std = (np.array(x, np.float32) for x in (self.mean, self.std))
        values = (channels.astype(np.float32) - mean) / std
        padded = self.fixed_size or tuple(
            math.ceil(side / self.size_divisor) * self.size_divisor for side in shape
        )
        self._check_size(padded, name)
        pixels = np.full((3, *padded), self.pad_value, np.float32)
        # (h, w, 3) -> (3, h, w)
        pixels[:, : shape[0], : shape[1]] = values.transpose(2, 0, 1)
        factor = np.array([shape[1] / width, shape[0] / height], np.float32)
        return PreparedImage(pixels, shape, factor, (height, width))

    def _check_size(self, size: tuple[int, ...], name: str) -> None:
        if self.size_range is None:
            return
        low, high = self.size_range
        if not all(a <= b <= c for a, b, c in zip(low, size, high, strict=True)):
            raise InvalidImageError(
                f'{name}: becomes an input of {size[0]} x {size[1]}, the graph takes '
                f'{low[0]} x {low[1]} to {high[0]} x {high[1]} (height x width)'
            )

    def _resize(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        if self.fixed_size is not None:
            fixed_height, fixed_width = self.fixed_size
            size = (fixed_width, fixed_height)
            if self.keep_ratio:
                factor = min(fixed_width / width, fixed_height / height)
                size = mmcv.image.rescale_size((width, height), factor)
        elif self.scale is None:
            return picture
        elif self.keep_ratio:
            size = mmcv.image.rescale_size((width, height), self.scale)
        else:
            size = self.scale
        return mmcv.imresize(picture, (max(size[0], 1), max(size[1], 1)))


def preparation_of_config(config: Mapping[str, Any]) -> ImagePreparation:
    """What the test pipeline and the data preprocessor of a config do.

    Raises:
        ValueError: If the pipeline changes pictures in a way that is not known here.
    """
    scale, keep_ratio = None, False
    for step in config['test_dataloader']['dataset']['pipeline']:
        name = str(step['type']).rsplit('.', 1)[-1]
        if name == 'Resize' and step.get('scale') is not None and scale is None:
            for key, only in (('interpolation', 'bilinear'), ('backend', 'cv2')):
                if step.get(key, only) != only:
                    raise ValueError(
                        f'the test pipeline resizes with {key}={step[key]!r}, of which '
                        f'only {only!r} can be done on single pictures'
                    )
            sides = step['scale']
            scale = (sides, sides) if isinstance(sides, int) else tuple(sides)
            keep_ratio = step.get('keep_ratio', False)
        elif not name.startswith(_NEUTRAL_STEPS):
            raise ValueError(
                f'the test pipeline has {name}, of which only one Resize with scale '
                'can be done on single pictures'
            )
    numbers = config['model'].get('data_preprocessor') or {}
    if numbers.get('rgb_to_bgr'):
        raise ValueError('pictures are read as BGR: rgb_to_bgr cannot be done')
    return ImagePreparation(
        scale=scale,
        keep_ratio=keep_ratio,
        mean=tuple(numbers.get('mean') or (0.0,) * 3),
        std=tuple(numbers.get('std') or (1.0,) * 3),
        bgr_to_rgb=numbers.get('bgr_to_rgb', False),
        pad_value=numbers.get('pad_value', 0),
        size_divisor=numbers.get('pad_size_divisor', 1),
    )
