"""The ImageFolder layout: a folder of pictures for each class."""

import os
from collections.abc import Sequence
from pathlib import Path

from .coco_json import DatasetError, DatasetNotFoundError
from .image_dirs import IMAGE_SUFFIXES


def read_image_folders(
    root: str | Path, classes: Sequence[str] | None = None
) -> tuple[tuple[str, ...], list[tuple[str, int]]]:
    """Classes, and each picture with its label, in the order of their names.

    Args:
        root: Folder of the class folders. Hidden folders are passed over.
        classes: Names of the class folders in the order of their labels; all folders
            in alphabetical order if not given.

    Raises:
        DatasetNotFoundError: If the root or a class folder is absent.
        DatasetError: If a class folder has no picture, or a folder is no class.
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetNotFoundError(f'{root}: no such folder of class folders')
    found = sorted(
        entry.name
        for entry in root.iterdir()
        if entry.is_dir() and not entry.name.startswith('.')
    )
    if not found:
        raise DatasetError(f'{root}: no class folders in it')
    classes = tuple(classes or found)
    if absent := [name for name in classes if name not in found]:
        raise DatasetNotFoundError(
            f'{root}: no folder {absent[0]!r} for a class; there are {", ".join(found)}'
        )
    if unknown := [name for name in found if name not in classes]:
        raise DatasetError(
            f'{root}: folder {unknown[0]!r} is none of the classes {", ".join(classes)}'
        )
    pictures = []
    for label, name in enumerate(classes):
        own = sorted(_pictures(root / name))
        if not own:
            raise DatasetError(f'{root / name}: no pictures in this class folder')
        pictures += [(path, label) for path in own]
    return classes, pictures


def _pictures(folder: Path) -> list[str]:
    return [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(IMAGE_SUFFIXES)
    ]
