"""Pictures as a user names them: files, folders, patterns, paths on standard input."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from maxsight_mm.datasets.image_dirs import IMAGE_SUFFIXES


def picture_paths(names: Sequence[str], stdin: Iterable[str]) -> Iterator[str]:
    """Paths in the order they were named; a folder's and a pattern's are sorted.

    A file that is named is given whether it is there or not: its answer says so.

    Args:
        names: Files, folders (looked through with all below them), patterns such as
            ``day_*/*.jpg``, or ``-`` for ``stdin``.
        stdin: Lines with one path each; empty ones are passed over.

    Raises:
        ValueError: If a folder has no picture, or nothing fits a pattern.
    """
    for name in names:
        if name == '-':
            yield from (line.strip() for line in stdin if line.strip())
        elif Path(name).is_dir():
            yield from _below(name)
        elif not Path(name).exists() and glob.has_magic(name):
            found = sorted(glob.glob(name, recursive=True))
            if not found:
                raise ValueError(f'{name}: no file fits this pattern')
            yield from found
        else:
            yield name


def _below(folder: str) -> list[str]:
    found = sorted(
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(IMAGE_SUFFIXES)
    )
    if not found:
        raise ValueError(f'{folder}: no picture ({", ".join(IMAGE_SUFFIXES)})')
    return found
