"""The anchor generator that a config describes, wherever its head is."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from mmdet.models.task_modules.prior_generators import (
    AnchorGenerator,
    SSDAnchorGenerator,
    YOLOAnchorGenerator,
)
from mmengine.registry import DefaultScope

from maxsight_mm.datasets.anchor_overlap import AnchorLevel
from maxsight_mm.registry import TASK_UTILS


def anchor_generator(config: Mapping[str, Any]) -> tuple[str, AnchorGenerator]:
    """The first anchor generator of a config's model, the RPN's before others.

    Returns:
        Its dotted place in the config, and the generator.

    Raises:
        ValueError: If the model has none.
    """
    places = list(_places(config.get('model') or {}, 'model'))
    if not places:
        raise ValueError(
            'the config has no anchor_generator: its head needs no anchors, or takes '
            'the default of its class, which must then be written down'
        )
    place, settings = min(places, key=lambda found: 'rpn_head' not in found[0])
    with DefaultScope.overwrite_default_scope(config.get('default_scope') or 'mmdet'):
        generator = TASK_UTILS.build(settings)
    if not isinstance(generator, AnchorGenerator):
        raise ValueError(f'{place}: {settings["type"]} makes no axis-aligned anchors')
    return place, generator


def anchor_levels(generator: AnchorGenerator) -> list[AnchorLevel]:
    """Base anchors and strides of each level as arrays."""
    pairs = zip(generator.base_anchors, generator.strides, strict=True)
    return [
        AnchorLevel(
            np.asarray(anchors, dtype=float), (float(stride[0]), float(stride[1]))
        )
        for anchors, stride in pairs
    ]


def has_free_aspects(generator: AnchorGenerator) -> bool:
    """Whether every level has the same aspects and scales, so that both can be set."""
    return not isinstance(generator, SSDAnchorGenerator | YOLOAnchorGenerator)


def with_shapes(
    generator: AnchorGenerator, aspects_wh: np.ndarray, scales: list[float]
) -> list[AnchorLevel]:
    """Levels of a generator with other aspects (width / height) and scales."""
    other = AnchorGenerator(
        strides=generator.strides,
        ratios=[1 / aspect for aspect in aspects_wh],
        scales=scales,
        base_sizes=generator.base_sizes,
        centers=generator.centers,
        center_offset=generator.center_offset,
    )
    return anchor_levels(other)


def _places(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        if isinstance(node.get('anchor_generator'), Mapping):
            yield f'{path}.anchor_generator', node['anchor_generator']
        for key, value in node.items():
            yield from _places(value, f'{path}.{key}')
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _places(value, f'{path}.{index}')
