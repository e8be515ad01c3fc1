"""COCO files, tables and class folders as one plain list of pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..coco_json import DatasetError, load_coco_json
from ..image_dirs import find_image_dir
from ..image_folders import read_image_folders
from ..label_table import read_table


@dataclass(frozen=True)
class AuditedBox:
    """A box: class name, width and height in px, and the picture's size."""

    name: str
    width: float
    height: float
    picture_width: float
    picture_height: float


@dataclass(frozen=True)
class AuditedPicture:
    """A picture: file, split, scenario (``None`` untagged), class names, boxes."""

    path: str
    split: str
    scenario: str | None
    classes: tuple[str, ...] = ()
    boxes: tuple[AuditedBox, ...] = field(default=())


def read_collection(
    sources: Mapping[str, str | Path],
    scenario: str | None = None,
    columns: Sequence[str] = (),
) -> list[AuditedPicture]:
    """All pictures of all splits.

    Args:
        sources: By split: a COCO file (``.json``), a table (``.csv``), or a folder of
            class folders.
        scenario: COCO: key of an image record, by default ``scenario``. Table: column.
            Folders: not used, their classes are the scenarios.
        columns: Columns of a table whose cells are classes; those of tasks.

    Raises:
        DatasetNotFoundError: If a source is not there.
        DatasetError: If one cannot be read, or has no pictures.
    """
    pictures = []
    for split, source in sources.items():
        path = Path(source)
        if path.suffix == '.json':
            found = _of_coco(path, split, scenario or 'scenario')
        elif path.suffix == '.csv':
            found = _of_table(path, split, scenario, columns)
        else:
            classes, files = read_image_folders(path)
            found = [
                AuditedPicture(file, split, classes[label], (classes[label],))
                for file, label in files
            ]
        if not found:
            raise DatasetError(f'{path}: no pictures')
        pictures += found
    return pictures


def _of_coco(path: Path, split: str, key: str) -> list[AuditedPicture]:
    data = load_coco_json(path)
    names = {category['id']: category['name'] for category in data['categories']}
    sizes = {i['id']: (i['width'], i['height']) for i in data['images']}
    boxes: dict[object, list[AuditedBox]] = {i['id']: [] for i in data['images']}
    for annotation in data['annotations']:
        image = annotation['image_id']
        if image not in sizes or annotation['category_id'] not in names:
            raise DatasetError(
                f'{path}: annotation {annotation.get("id")!r} names an image or a '
                'category that is not there'
            )
        _, _, width, height = annotation['bbox']
        name = names[annotation['category_id']]
        boxes[image].append(AuditedBox(name, width, height, *sizes[image]))
    root = _image_root(path, [image['file_name'] for image in data['images']])
    return [
        AuditedPicture(
            str(root / image['file_name']),
            split,
            image.get(key),
            tuple(box.name for box in boxes[image['id']]),
            tuple(boxes[image['id']]),
        )
        for image in data['images']
    ]


def _image_root(path: Path, names: Sequence[str]) -> Path:
    """The folder the file names begin in: beside the file, or one above it."""
    for root in (path.parent, path.parent.parent):
        try:
            return find_image_dir(root, names)
        except DatasetError:
            continue
    return path.parent


def _of_table(
    path: Path, split: str, scenario: str | None, columns: Sequence[str]
) -> list[AuditedPicture]:
    wanted = [*columns, *([scenario] if scenario else [])]
    rows = read_table(path, ['path', *wanted])
    return [
        AuditedPicture(
            str(path.parent / row['path']),
            row.get('split') or split,
            (row[scenario] or None) if scenario else None,
            tuple(f'{name}: {row[name]}' for name in columns if row[name]),
        )
        for row in rows
    ]
