"""The class table: every name with its group, urgency, motion and height.

One table serves the labels (a default urgency), the distance estimate (a
typical height) and the drawings (a group). Datasets choose their classes from
it by name, or bring their own.
"""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .accessibility import ACCESSIBILITY_TABLE
from .coco import COCO_TABLE, COCO_UNUSED
from .levels import URGENCIES


@dataclass(frozen=True)
class ClassSpec:
    """What is known of a class before any picture is seen.

    Attributes:
        name: Unique name, lower case with blanks.
        group: Kind of thing; COCO's supercategory where the name is COCO's.
        urgency: Default urgency, an index into ``URGENCIES``.
        movable: Whether it moves or is commonly moved.
        height_m: Typical upright extent in metres; 0.0 for what lies flat.
        coco_id: COCO ``category_id`` (1-91), or None.
    """

    name: str
    group: str
    urgency: int
    movable: bool
    height_m: float
    coco_id: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.urgency < len(URGENCIES):
            raise ValueError(
                f'{self.name!r}: urgency must be 0 to {len(URGENCIES) - 1}, '
                f'got {self.urgency!r}'
            )
        if not 0 <= self.height_m < float('inf'):
            raise ValueError(
                f'{self.name!r}: height_m must be finite and >= 0, '
                f'got {self.height_m!r}'
            )


def _rows(table: dict) -> Iterator[tuple[str, str, int, bool, float]]:
    """Yields ``(name, group, urgency, movable, height_m)`` in table order."""
    for group, rows in table.items():
        for name, urgency, movable, height_m in rows:
            yield name, group, urgency, movable, height_m


COCO_CLASSES = tuple(row[0] for row in _rows(COCO_TABLE))
ACCESSIBILITY_CLASSES = tuple(row[0] for row in _rows(ACCESSIBILITY_TABLE))
CLASSES = tuple(
    ClassSpec(*row, coco_id) for coco_id, row in enumerate(_rows(COCO_TABLE), start=1)
) + tuple(ClassSpec(*row) for row in _rows(ACCESSIBILITY_TABLE))

_BY_NAME = {spec.name: spec for spec in CLASSES}
assert len(_BY_NAME) == len(CLASSES), 'class names must be unique'
assert set(COCO_UNUSED) <= set(COCO_CLASSES)


class UnknownClassError(KeyError, ValueError):
    """A name that is not in the class table."""

    def __str__(self) -> str:
        # KeyError shows repr(args[0]), which would quote the whole sentence.
        return str(self.args[0])


def nearest_names(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """The names most like ``name``, best first; blank, - and _ are the same."""
    plain = {_plain(candidate): candidate for candidate in names}
    found = difflib.get_close_matches(_plain(name), list(plain), count, cutoff=0.6)
    return [plain[match] for match in found]


def _plain(name: str) -> str:
    return str(name).lower().replace('_', ' ').replace('-', ' ').strip()


def by_name(name: str) -> ClassSpec:
    """The table's row of a class.

    Raises:
        UnknownClassError: If the name is not in the table (a ``KeyError`` and a
            ``ValueError``); the message names the nearest ones.
    """
    spec = _BY_NAME.get(name)
    if spec is not None:
        return spec
    near = nearest_names(name, _BY_NAME)
    hint = f'; nearest: {", ".join(map(repr, near))}' if near else ''
    raise UnknownClassError(f'{name!r} is not in the class table{hint}')


def class_table(names: Iterable[str] | None = None) -> tuple[ClassSpec, ...]:
    """The rows of ``names`` in that order, or the whole table.

    Raises:
        UnknownClassError: If a name is not in the table.
    """
    return CLASSES if names is None else tuple(by_name(name) for name in names)
