"""Collects images and labels of a set, and writes its train and val JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

SPLITS = ('train', 'val')
# Every fifth of what counts as one, in the order of the names.
HELD_OUT_EVERY = 5


class SourceError(ValueError):
    """The source is not the set it should be; one line that names the path."""


class CocoSet:
    """The two JSON files of a set below a folder.

    Args:
        out: Folder of the set; images and label files go below it.
        description: One line about origin and split, kept in the files.
        categories: Names, with ids from 1.

    Raises:
        SourceError: If something is at the place already.
    """

    def __init__(self, out: Path, description: str, categories: Sequence[str]) -> None:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise SourceError(f'{out}: is there already and not empty')
        self.out = out
        self.data: dict[str, dict[str, Any]] = {
            split: {
                'info': {'description': description},
                'images': [],
                'annotations': [],
                'categories': [
                    {'id': i, 'name': name} for i, name in enumerate(categories, 1)
                ],
            }
            for split in SPLITS
        }

    def path(self, name: str) -> Path:
        """Where a file of the set goes, with the folder made."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add_picture(
        self, split: str, name: str, pixels: np.ndarray, tasks: dict, **fields
    ) -> dict:
        """Writes an image (H, W, 3) uint8 BGR and its record; gives the record."""
        if not cv2.imwrite(str(self.path(name)), pixels):
            raise OSError(f'cannot write {self.out / name}')
        return self.add_image(split, name, pixels.shape[:2], tasks, **fields)

    def add_image(
        self, split: str, name: str, shape: Sequence[int], tasks: dict, **fields
    ) -> dict:
        """The record of an image that lies there already; ``shape`` is (H, W)."""
        images = self.data[split]['images']
        image = {
            'id': len(images) + 1,
            'file_name': name,
            'height': shape[0],
            'width': shape[1],
            **fields,
            'tasks': tasks,
        }
        images.append(image)
        return image

    def add_object(self, split: str, image: dict, bbox: Sequence[float], **fields):
        """An object of the first category, its box x, y, width, height in pixels."""
        annotations = self.data[split]['annotations']
        annotations.append(
            {
                'id': len(annotations) + 1,
                'image_id': image['id'],
                'category_id': 1,
                'bbox': [float(value) for value in bbox],
                'area': float(bbox[2] * bbox[3]),
                'iscrowd': 0,
                **fields,
            }
        )

    def leave_boxes_unlabelled(self, split: str, image: dict) -> None:
        """Says that nobody drew boxes: an ignored region as large as the image.

        Without it an image without boxes would teach that nothing is there.
        """
        box = (0, 0, image['width'], image['height'])
        self.add_object(split, image, box, iscrowd=1)

    def write(self) -> str:
        """Writes ``annotations/{train,val}.json``; gives a line of counts."""
        counts = []
        for split, data in self.data.items():
            text = json.dumps(data, separators=(',', ':'), allow_nan=False)
            self.path(f'annotations/{split}.json').write_text(text, encoding='utf-8')
            counts.append(f'{len(data["images"])} {split}')
        return f'{self.out}: {", ".join(counts)} images'


def split_of(index: int) -> str:
    """'val' for every fifth, 'train' for the others."""
    return SPLITS[index % HELD_OUT_EVERY == HELD_OUT_EVERY - 1]


def read_picture(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 BGR; raises ``SourceError`` if it cannot."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise SourceError(f'{path}: no readable image')
    return pixels


def found(source: Path, pattern: str) -> list[Path]:
    """The files of a pattern in order; raises ``SourceError`` if there are none."""
    paths = sorted(source.glob(pattern))
    if not paths:
        raise SourceError(f'{source}: no {pattern} there')
    return paths
