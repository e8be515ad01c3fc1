"""Boxes of a COCO file at the size at which the network sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from maxsight_mm.datasets.coco_json import load_coco_json

from .dataset_leaves import annotation_file, training_leaves
from .network_resize import NetworkResize, network_resize


@dataclass(frozen=True)
class NetworkBoxes:
    """Boxes that can be learnt, in pixels of the network's input.

    Attributes:
        boxes: (N, 4) float xyxy.
        labels: (N,) int64 index in ``classes``.
        image_wh: (N, 2) float, padded size of the picture that a box lies in.
        classes: Names, in the order of the config or else of the file.
        resize: What was done to the pictures.
    """

    boxes: np.ndarray
    labels: np.ndarray
    image_wh: np.ndarray
    classes: tuple[str, ...]
    resize: NetworkResize

    @property
    def sizes_wh(self) -> np.ndarray:
        """(N, 2) width and height."""
        return self.boxes[:, 2:] - self.boxes[:, :2]


def network_boxes(
    config: Mapping[str, Any], ann_file: str | Path | None = None
) -> NetworkBoxes:
    """Reads the labelled boxes of a config's training data.

    Crowd boxes and those without an extent are left out.

    Args:
        config: Of any detector.
        ann_file: COCO file to read in place of the config's.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the config names no COCO file, or the file is not one.
    """
    leaf = training_leaves(config)[0]
    path = annotation_file(leaf) if ann_file is None else Path(ann_file)
    if path is None:
        raise ValueError(f'{leaf.get("type")} names no ann_file: give --ann')
    data = load_coco_json(path)
    wanted = (leaf.get('metainfo') or {}).get('classes') if ann_file is None else None
    names = {entry['id']: entry['name'] for entry in data['categories']}
    classes = tuple(wanted or names.values())
    sizes = {
        entry['id']: (entry['width'], entry['height'])
        for entry in data['images']
        if entry.get('width') and entry.get('height')
    }
    if data['images'] and not sizes:
        raise ValueError(f'{path}: its images have no width and height')
    rows, labels, images = [], [], []
    for entry in data['annotations']:
        name = names.get(entry.get('category_id'))
        size = sizes.get(entry.get('image_id'))
        box = np.asarray(entry.get('bbox', ()), dtype=float)
        usable = box.shape == (4,) and np.isfinite(box).all() and (box[2:] > 0).all()
        if name in classes and size and usable and not entry.get('iscrowd', 0):
            rows.append(box)
            labels.append(classes.index(name))
            images.append(size)
    boxes = np.array(rows, dtype=float).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    resize = network_resize(leaf.get('pipeline') or ())
    image_wh = np.array(images, dtype=float).reshape(-1, 2)
    factors = resize.factors(image_wh)
    divisor = _pad_divisor(config.get('model'))
    return NetworkBoxes(
        boxes * np.tile(factors, 2),
        np.array(labels, dtype=np.int64),
        np.ceil(np.round(image_wh * factors) / divisor) * divisor,
        classes,
        resize,
    )


def _pad_divisor(node: Any) -> int:
    """``pad_size_divisor`` of the innermost data preprocessor that has one."""
    if not isinstance(node, Mapping):
        return 1
    inner = [_pad_divisor(each) for each in node.values()]
    return max([int(node.get('pad_size_divisor') or 1), *inner])
