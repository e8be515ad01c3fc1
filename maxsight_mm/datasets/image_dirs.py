"""Finds the folder the images lie in, among the usual layouts of a data set."""

import os
from collections.abc import Sequence
from pathlib import Path

from .coco_json import DatasetError, DatasetNotFoundError

# Below the data root, in the order in which they are tried; '' is the root.
IMAGE_DIRS = (
    'images/train2017',
    'images/val2017',
    'images/train',
    'images/val',
    'images/test',
    'train2017',
    'val2017',
    'train',
    'val',
    'test',
    'train_images',
    'val_images',
    'images',
    'JPEGImages',
    '',
)
IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')

# Looking up every name of a large set over a network takes minutes.
CHECKED_NAMES = 100


def find_image_dir(root: str | Path, file_names: Sequence[str] = ()) -> Path:
    """The image folder under ``root``.

    Args:
        root: Data root.
        file_names: Names from the annotation file. When given, the folder must
            hold them (up to 100, evenly spread over the list, are looked up), and
            the root itself is tried first. Otherwise the first folder with an
            image in it is taken.

    Raises:
        DatasetNotFoundError: If ``root`` is no folder.
        DatasetError: If no known layout fits; the message lists what was tried.
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetNotFoundError(f'{root}: no such data root')
    if not len(file_names):
        for name in IMAGE_DIRS:
            if _holds_image(root / name):
                return root / name
        raise DatasetError(
            f'{root}: no image ({", ".join(IMAGE_SUFFIXES)}) in any of {_tried()}'
        )
    step = max(1, len(file_names) // CHECKED_NAMES)
    sample = file_names[::step]
    best, most = '', -1
    for name in ('', *IMAGE_DIRS[:-1]):
        found = [(root / name / file_name).is_file() for file_name in sample]
        if all(found):
            return root / name
        if sum(found) > most:
            best, most, absent = name, sum(found), sample[found.index(False)]
    raise DatasetError(
        f'{root}: the file_names do not resolve in any of {_tried()}; best was '
        f'{best or "."} with {most} of {len(sample)}, without {absent!r}'
    )


def _holds_image(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    with os.scandir(folder) as entries:
        return any(entry.name.lower().endswith(IMAGE_SUFFIXES) for entry in entries)


def _tried() -> str:
    return ', '.join(name or '. (flat)' for name in IMAGE_DIRS)
