"""Reads a COCO JSON file, or says in one line why that cannot be done."""

import json
from pathlib import Path


class DatasetError(ValueError):
    """Data that cannot be used as it is; the message is a single line."""


class DatasetNotFoundError(DatasetError, FileNotFoundError):
    """A data root, annotation file or image folder that is not there."""


def load_coco_json(path: str | Path) -> dict:
    """The top-level object of a COCO JSON file.

    Raises:
        DatasetNotFoundError: If there is no such file.
        DatasetError: If it is not JSON (the message gives line and column), is
            not an object, or lacks ``images``, ``annotations`` or ``categories``
            lists.
    """
    try:
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise DatasetNotFoundError(_missing(Path(path))) from None
    except OSError as error:
        raise DatasetError(f'{path}: cannot be read: {error.strerror}') from None
    if not raw.strip():
        raise DatasetError(f'{path}: line 1: the file is empty')
    try:
        data = json.loads(raw)
    except json.JSONDecodeError as error:
        end = ' (the file ends there: truncated?)' if _at_end(error) else ''
        raise DatasetError(
            f'{path}: line {error.lineno} column {error.colno}: '
            f'not JSON: {error.msg}{end}; it starts with {_start(raw)}'
        ) from None
    except UnicodeDecodeError as error:
        line = raw.count(b'\n', 0, error.start) + 1
        raise DatasetError(f'{path}: line {line}: not UTF-8 text') from None
    except RecursionError:
        raise DatasetError(f'{path}: line 1: nested too deeply for COCO') from None
    return _checked_top(data, path)


def _checked_top(data: object, path: str | Path) -> dict:
    if not isinstance(data, dict):
        raise DatasetError(
            f'{path}: line 1: expected an object with images, annotations and '
            f'categories at the top, got a {type(data).__name__}'
        )
    for key in ('images', 'annotations', 'categories'):
        if not isinstance(data.get(key), list):
            found = type(data[key]).__name__ if key in data else 'nothing'
            raise DatasetError(
                f'{path}: line 1: expected a list under {key!r}, got {found}; '
                f'the keys are {sorted(data)[:8]}'
            )
    return data


def _missing(path: Path) -> str:
    """Names the first part of the path that does not exist."""
    parent = path
    while parent != parent.parent and not parent.parent.exists():
        parent = parent.parent
    if parent == path:
        return f'{path}: no such file'
    return f'{path}: no such file (there is no folder {parent})'


def _at_end(error: json.JSONDecodeError) -> bool:
    unclosed = error.msg.startswith('Unterminated string')
    return unclosed or not error.doc[error.pos :].strip()


def _start(raw: bytes) -> str:
    return repr(raw.lstrip()[:24].decode('utf-8', 'replace'))
