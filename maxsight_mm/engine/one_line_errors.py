"""Errors of the user's input end a tool in one line, status 2 and no leftovers."""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.hooks import Hook

# What Python and mmengine's registries say of a config that does not fit.
_BAD_ARGUMENT = re.compile(
    r'__init__\(\) (got an unexpected keyword|missing \d+ required)'
)
_UNKNOWN_TYPE = re.compile(r'is not in the \S+ registry')
_RUN_FOLDER = re.compile(r'\d{8}_\d{6}$')


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


class StartMark(Hook):
    """Remembers that a first batch was begun."""

    started = False

    def _before_iter(self, *args, **kwargs) -> None:
        self.started = True


@contextmanager
def nothing_half_written(work_dir: str | Path) -> Iterator[StartMark]:
    """Remove what a run that fails before its first batch has written.

    Yields a hook that the run has to register. Only the run's own time-stamped
    folder and config are removed, and the work dir if it was made for them; a run
    that has begun keeps everything.
    """
    work_dir = Path(work_dir)
    existed = work_dir.is_dir()
    before = set(work_dir.iterdir()) if existed else set()
    mark = StartMark()
    try:
        yield mark
    except BaseException:
        if not mark.started and is_main_process() and work_dir.is_dir():
            for path in set(work_dir.iterdir()) - before:
                if path.is_dir() and _RUN_FOLDER.match(path.name):
                    shutil.rmtree(path)
                elif path.suffix == '.py':
                    path.unlink()
            if not existed and not any(work_dir.iterdir()):
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
    if isinstance(error, TypeError):
        return bool(_BAD_ARGUMENT.search(str(error)))
    return isinstance(error, KeyError) and bool(_UNKNOWN_TYPE.search(str(error)))
