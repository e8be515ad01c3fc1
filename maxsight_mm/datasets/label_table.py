"""A CSV file with one row an image and one column a task."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..taxonomy import nearest_names
from .coco_json import DatasetError, DatasetNotFoundError

Cell = str | int
Where = Mapping[str, Cell | Sequence[Cell]]


def read_table(path: str | Path, columns: Sequence[str] = ()) -> list[dict[str, str]]:
    """All rows, by column name; surrounding spaces are dropped.

    Args:
        path: CSV in UTF-8 with a header.
        columns: Those it must have.

    Raises:
        DatasetNotFoundError: If there is no such file.
        DatasetError: If it is no such table, has no rows, lacks a column, or a row has
            another number of cells than the header.
    """
    path = Path(path)
    if not path.is_file():
        raise DatasetNotFoundError(f'{path}: no such table')
    try:
        with path.open(newline='', encoding='utf-8-sig') as file:
            lines = list(csv.reader(file, strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise DatasetError(f'{path}: no CSV table in UTF-8: {error}') from None
    if len(lines) < 2:
        raise DatasetError(f'{path}: no rows below the header')
    header = [name.strip() for name in lines[0]]
    if len(set(header)) < len(header):
        raise DatasetError(f'{path}: two columns have one name: {header}')
    for name in columns:
        if name not in header:
            raise DatasetError(f'{path}: no column {name!r}{_meant(name, header)}')
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise DatasetError(
                f'{path}: line {number} has {len(cells)} cells, not {len(header)}'
            )
        rows.append(dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    return rows


def select_rows(
    rows: list[dict[str, str]], where: Where, source: str | Path
) -> list[dict[str, str]]:
    """The rows whose cells are among those given for their columns.

    Raises:
        DatasetError: If there is no such column, or no such row.
    """
    for column, wanted in where.items():
        if column not in rows[0]:
            raise DatasetError(f'{source}: no column {column!r} to choose rows by')
        cells = [wanted] if isinstance(wanted, str | int) else wanted
        allowed = {str(cell) for cell in cells}
        present = sorted({row[column] for row in rows})
        rows = [row for row in rows if row[column] in allowed]
        if not rows:
            raise DatasetError(
                f'{source}: no row whose {column} is {" or ".join(sorted(allowed))}; '
                f'there are {", ".join(present[:10])}'
            )
    return rows


def label_of(
    cell: str, task: str, classes: Sequence[str], source: str | Path
) -> int | None:
    """Position of the class that a cell names; ``None`` for an empty one.

    Raises:
        DatasetError: If it names none of the classes.
    """
    if not cell:
        return None
    if cell not in classes:
        raise DatasetError(
            f'{source}: {task} {cell!r} is none of its classes '
            f'{", ".join(classes)}{_meant(cell, classes)}'
        )
    return list(classes).index(cell)


def _meant(name: str, names: Sequence[str]) -> str:
    near = nearest_names(name, names, 1)
    return f'; did you mean {near[0]!r}?' if near else f'; there are {", ".join(names)}'
