"""Colour and depth pairs in Open3D's layout: a list of pairs, depth in millimetres.

Expects ``rgbd.match``, each line a depth file and a colour file, or folders
``depth`` and ``color`` with files of the same stem.
"""

import shutil
from pathlib import Path

import cv2
import numpy as np

from .coco_set import CocoSet, SourceError, found, read_picture, split_of


def convert_rgbd(source: Path, out: Path) -> str:
    """Depth maps in metres; every fifth pair by order is held out.

    A value of 0 is a hole of the sensor and loads as unknown. Pairs of one room
    overlap: the held-out error speaks of a new view, not of a new place. Boxes are
    unlabelled.
    """
    text = 'RGB-D pairs, depth in mm, 0 unknown; every 5th held out'
    data = CocoSet(out, text, ['person'])
    for index, (depth_path, colour_path) in enumerate(_pairs(source)):
        depth = cv2.imread(str(depth_path), cv2.IMREAD_UNCHANGED)
        if depth is None or depth.dtype != np.uint16 or depth.ndim != 2:
            raise SourceError(f'{depth_path}: no 16-bit grey image')
        shape = read_picture(colour_path).shape[:2]
        if shape != depth.shape:
            raise SourceError(f'{depth_path}: not of the size of {colour_path}')
        split = split_of(index)
        name = f'images/{split}/{colour_path.name}'
        depth_name = f'depth/{split}/{colour_path.stem}.png'
        shutil.copyfile(colour_path, data.path(name))
        shutil.copyfile(depth_path, data.path(depth_name))
        image = data.add_image(split, name, shape, {'depth_file': depth_name})
        data.leave_boxes_unlabelled(split, image)
    return data.write()


def _pairs(source: Path) -> list[tuple[Path, Path]]:
    """Depth and colour files that belong together."""
    listed = source / 'rgbd.match'
    if listed.is_file():
        lines = [line.split() for line in listed.read_text().splitlines()]
        return [(source / line[0], source / line[1]) for line in lines if line]
    depths = found(source, 'depth/*.png')
    colours = {path.stem: path for path in found(source, 'color/*')}
    missing = [path.name for path in depths if path.stem not in colours]
    if missing:
        raise SourceError(f'{source}: no colour image for {", ".join(missing)}')
    return [(path, colours[path.stem]) for path in depths]
