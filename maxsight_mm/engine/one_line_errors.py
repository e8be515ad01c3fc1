"""Errors of the user's input end a tool in one line and exit status 2."""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BAD_ARGUMENT = re.compile(r'unexpected keyword argument|missing \d+ required')


@contextmanager
def one_line_errors(tool: str) -> Iterator[None]:
    """Print an expected error as ``tool: message`` and exit with status 2.

    Expected are a missing file, wrong arguments in a config, and what this package
    itself raises as ``ValueError``, ``TypeError`` or ``FloatingPointError``.
    Everything else keeps its traceback: it is a bug.
    """
    try:
        yield
    except KeyboardInterrupt:
        print(f'{tool}: interrupted', file=sys.stderr)
        sys.exit(130)
    except (FloatingPointError, KeyError, OSError, TypeError, ValueError) as error:
        if not (_is_ours(error) or _is_config_fault(error)):
            raise
        print(f'{tool}: {_one_line(error)}', file=sys.stderr)
        sys.exit(2)


@contextmanager
def nothing_half_written(work_dir: str | Path) -> Iterator[None]:
    """Remove what a run that failed before its first iteration has written.

    A run that logged a scalar or saved a checkpoint keeps everything.
    """
    work_dir = Path(work_dir)
    existed = work_dir.is_dir()
    before = set(work_dir.iterdir()) if existed else set()
    try:
        yield
    except BaseException:
        new = set(work_dir.iterdir()) - before if work_dir.is_dir() else set()
        files = [f for path in new for f in (path, *path.rglob('*')) if f.is_file()]
        if not any(f.suffix == '.pth' or f.name == 'scalars.json' for f in files):
            for path in new:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            if not existed and work_dir.is_dir():
                work_dir.rmdir()
        raise


def _one_line(error: Exception) -> str:
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    if 'Original Traceback' in text:
        # A loader's worker passes its traceback on as the message.
        text = text.strip().splitlines()[-1].split(': ', 1)[-1]
    return ' '.join(text.split())


def _is_ours(error: Exception) -> bool:
    """Whether our own code raised it, here or in a worker, or a file is missing."""
    own_type = type(error).__module__.startswith('maxsight_mm')
    if own_type or isinstance(error, FileNotFoundError):
        return True
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    module = frame.tb_frame.f_globals.get('__name__', '') if frame else ''
    return module.split('.')[0] == 'maxsight_mm' and not isinstance(error, KeyError)


def _is_config_fault(error: Exception) -> bool:
    """Whether a class refused its arguments, or a registry knows no such type."""
    return bool(_BAD_ARGUMENT.search(str(error))) or 'registry' in str(error)
