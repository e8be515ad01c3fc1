"""Errors of the user's input end a tool in one line and exit status 2."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f'{tool}: {" ".join(str(text).split())}', file=sys.stderr)
        sys.exit(2)


def _is_ours(error: Exception) -> bool:
    """Whether our own code raised it, or it is a missing file."""
    if isinstance(error, FileNotFoundError):
        return True
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    module = frame.tb_frame.f_globals.get('__name__', '') if frame else ''
    return module.split('.')[0] == 'maxsight_mm' and not isinstance(error, KeyError)


def _is_config_fault(error: Exception) -> bool:
    """Whether a class refused its arguments, or a registry knows no such type."""
    return bool(_BAD_ARGUMENT.search(str(error))) or 'registry' in str(error)
