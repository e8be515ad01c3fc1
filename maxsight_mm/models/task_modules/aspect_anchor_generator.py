"""Anchors whose shapes are given as width / height.

MMDetection's ``ratios`` are height / width, while boxes are mostly measured as
width / height. A list of the wrong kind is accepted without a word and covers the
wrong boxes; here the name of the argument says which is meant.
"""

from collections.abc import Sequence
from typing import Any

from mmdet.models.task_modules.prior_generators import AnchorGenerator

from maxsight_mm.registry import TASK_UTILS


@TASK_UTILS.register_module()
class AspectAnchorGenerator(AnchorGenerator):
    """MMDetection's ``AnchorGenerator`` with ``aspects_wh`` in place of ``ratios``.

    Args:
        strides: Pixels between two anchor centres, one a level.
        aspects_wh: Width / height of the anchors; 0.5 is twice as high as wide. Their
            order is the order of the anchors.
        settings: ``scales``, ``octave_base_scale``, ``base_sizes`` and the others of
            ``AnchorGenerator``.

    Raises:
        ValueError: If ``ratios`` is given, if ``aspects_wh`` is missing or empty, or
            if an aspect is not a finite number above 0.
    """

    def __init__(
        self,
        strides: Sequence[int] | Sequence[tuple[int, int]],
        aspects_wh: Sequence[float] = (),
        **settings: Any,
    ) -> None:
        if 'ratios' in settings:
            raise ValueError(
                'AspectAnchorGenerator: ratios (height / width) is not taken; give '
                'aspects_wh (width / height), that is 1 / ratio for each'
            )
        if not len(aspects_wh) or not all(0 < a < float('inf') for a in aspects_wh):
            raise ValueError(
                'AspectAnchorGenerator: aspects_wh (width / height) must hold finite '
                f'numbers above 0, got {list(aspects_wh)}'
            )
        self.aspects_wh = tuple(float(aspect) for aspect in aspects_wh)
        ratios_hw = [1 / aspect for aspect in self.aspects_wh]
        super().__init__(strides, ratios_hw, **settings)
