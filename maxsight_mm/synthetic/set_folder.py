"""The folder of a synthetic set: there when it is complete, kept when it is right.

Everything is written beside it and renamed at the end. ``dataset.json`` in it holds the
settings, so that a set that is there already can be kept.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS_FILE = 'dataset.json'


@contextmanager
def new_set(out: Path, record: dict, overwrite: bool) -> Iterator[Path | None]:
    """A folder to write a set into, or None where it is there with these settings.

    Args:
        out: Where the set is to be.
        record: What its ``dataset.json`` shall say.
        overwrite: Whether a set with other settings is replaced.

    Raises:
        FileExistsError: If something else is at the place.
    """
    old = out / SETTINGS_FILE
    if old.is_file():
        if _read_record(old) == record:
            yield None
            return
        if not overwrite:
            raise FileExistsError(
                f'{out} holds a set with other settings; overwrite it or choose '
                'another folder'
            )
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f'{out} is there and is no synthetic set')
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f'.{out.name}-', dir=out.parent))
    try:
        folder.chmod(0o755)
        yield folder
        text = json.dumps(record, indent=1)
        (folder / SETTINGS_FILE).write_text(text, encoding='utf-8')
        if out.exists():
            shutil.rmtree(out)
        os.replace(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_record(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding='utf-8'))
    except ValueError:
        return None


def show_progress(split: str, done: int, total: int, started: float) -> None:
    """One line that is rewritten on a terminal, else one every 100 images."""
    live = sys.stderr.isatty()
    if done != total and not live and done % 100:
        return
    rate = done / max(time.monotonic() - started, 1e-6)
    start, end = ('\r', '\n' if done == total else '') if live else ('', '\n')
    text = f'{start}{split} {done}/{total} images, {rate:.0f}/s'
    print(text, end=end, file=sys.stderr, flush=True)
