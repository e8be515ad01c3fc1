"""The folder an export goes to: whole or not at all, and never over other files."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .artefact import FILE_NAME
from .parity_report import FILE_NAME as PARITY_NAME

QUANTIZATION_NAME = 'quantization.json'
_GRAPH_OF_MMDET = 'end2end.onnx'


@contextmanager
def new_export(folder: str | Path) -> Iterator[Path]:
    """A place to write to; its content moves into ``folder`` when the block ends well.

    An earlier export there is replaced.

    Raises:
        ValueError: If ``folder`` is a file, or holds files of no export.
    """
    folder = Path(folder)
    earlier = _earlier_export(folder)
    with tempfile.TemporaryDirectory(prefix='maxsight_mm_') as place:
        yield Path(place)
        for path in earlier:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(Path(place).iterdir()):
            shutil.move(path, folder / path.name)


def _earlier_export(folder: Path) -> list[Path]:
    """What a new export replaces: all that is there.

    Raises:
        ValueError: If something else is there.
    """
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise ValueError(f'{folder} is a file; give a folder')
    found = sorted(folder.iterdir())
    own = {FILE_NAME, PARITY_NAME, QUANTIZATION_NAME} | _graphs_of(folder)
    others = [path.name for path in found if path.name not in own]
    if others:
        raise ValueError(
            f'{folder} holds {others[0]}, which is of no export: give another folder'
        )
    return found


def _graphs_of(folder: Path) -> set[str]:
    """First parts of the paths that a ``deploy.json`` names."""
    description = folder / FILE_NAME
    if not description.exists():
        # Detectors of mmdet have a proof, but no description.
        return {_GRAPH_OF_MMDET} if (folder / PARITY_NAME).exists() else set()
    try:
        files = json.loads(description.read_text(encoding='utf-8'))['files']
        return {Path(name).parts[0] for name in files}
    except (OSError, ValueError, LookupError, TypeError):
        return set()
