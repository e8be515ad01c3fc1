"""The size at which a pipeline hands pictures to the network.

A resize that is drawn at random is taken at its middle. Crops, mosaics and random
affine maps are left out of account: they keep the shapes of most boxes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_SIZES = ('scale', 'scales', 'width', 'scale_factor')


@dataclass(frozen=True)
class NetworkResize:
    """What happens to width and height.

    Attributes:
        scale_wh: Size to resize to; None keeps the size, or multiplies it.
        keep_ratio: Fit into ``scale_wh`` instead of filling it.
        factor: Factor on both sides where there is no ``scale_wh``.
    """

    scale_wh: tuple[float, float] | None = None
    keep_ratio: bool = False
    factor: float = 1.0

    def factors(self, image_wh: np.ndarray) -> np.ndarray:
        """(N, 2) factors on x and y of pictures with sizes (N, 2) in pixels."""
        if self.scale_wh is None:
            return np.full(image_wh.shape, self.factor)
        if not self.keep_ratio:
            return np.asarray(self.scale_wh) / image_wh
        longer, shorter = max(self.scale_wh), min(self.scale_wh)
        each = np.minimum(longer / image_wh.max(axis=1), shorter / image_wh.min(axis=1))
        return np.stack([each, each], axis=1)

    def __str__(self) -> str:
        if self.scale_wh is None:
            return f'size x {self.factor:g}'
        how = 'fit into' if self.keep_ratio else 'fill'
        return f'{how} {self.scale_wh[0]:g} x {self.scale_wh[1]:g}'


def network_resize(pipeline: Sequence[Mapping[str, Any]]) -> NetworkResize:
    """The first resize of a pipeline, also inside branches and choices."""
    for step in _resizes(pipeline):
        keep_ratio = bool(step.get('keep_ratio', False))
        if (scale := _scale(step)) is not None:
            return NetworkResize(scale, keep_ratio)
        if step.get('scale_factor'):
            return NetworkResize(factor=float(np.mean(step['scale_factor'])))
    return NetworkResize()


def _resizes(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        if 'Resize' in str(node.get('type')) and any(key in node for key in _SIZES):
            yield node
            return
        node = list(node.values())
    if isinstance(node, list | tuple):
        for each in node:
            yield from _resizes(each)


def _scale(step: Mapping[str, Any]) -> tuple[float, float] | None:
    if 'width' in step:
        return float(step['width']), float(step['height'])
    sizes = step.get('scales', step.get('scale'))
    if sizes is None:
        return None
    pairs = np.atleast_1d(np.asarray(sizes, dtype=float))
    if pairs.ndim == 1:
        # A lone number is a square; numbers alone are a pair, or sides to choose of.
        pairs = np.array([[p, p] for p in pairs]) if 'scales' in step else pairs[None]
        pairs = pairs.repeat(2, axis=1) if pairs.shape[1] == 1 else pairs
    width, height = pairs.mean(axis=0) * np.mean(step.get('ratio_range', 1.0))
    return float(width), float(height)
