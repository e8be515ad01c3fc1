"""Hides most labels of a COCO file, for semi-supervised training."""

import json
import random
from collections.abc import Hashable
from pathlib import Path

from .class_cover import cover_classes
from .coco_json import DatasetError, load_coco_json


def part_of(image: dict) -> Hashable:
    """What an image shows a view of: its ``part_id``, or itself."""
    part = image.get('part_id')
    return ('part', part) if part is not None else ('image', image['id'])


def split_labelled(
    data: dict, percent: float, fold: int = 0
) -> tuple[dict, dict, list[str]]:
    """Splits a COCO file into a labelled and an unlabelled one, part by part.

    All views of a part go one way. Parts are drawn at random; then a class of which
    no box was drawn takes the place of a part that nothing hangs on. With as many
    labelled parts as classes that always succeeds; with fewer, parts that show several
    classes are tried in their place.

    Args:
        data: COCO dictionary; images may have a ``part_id``.
        percent: Share of the parts that keep their labels, more than 0, below 100.
        fold: Which draw.

    Returns:
        The labelled file, the unlabelled one without annotations, and the names of the
        classes that have boxes but no labelled one.

    Raises:
        ValueError: If ``percent`` is out of range, there are fewer than two parts, or
            an id is missing, used twice or leads nowhere.
    """
    if not 0 < percent < 100:
        raise ValueError(f'percent must lie between 0 and 100, got {percent}')
    _check_references(data)
    parts = sorted({part_of(image) for image in data['images']}, key=repr)
    if len(parts) < 2:
        raise ValueError(f'a split needs two parts or more, got {len(parts)}')
    owner = {image['id']: part_of(image) for image in data['images']}
    classes: dict[Hashable, set[int]] = {part: set() for part in parts}
    for annotation in data['annotations']:
        classes[owner[annotation['image_id']]].add(annotation['category_id'])
    number = min(max(1, round(len(parts) * percent / 100)), len(parts) - 1)
    random.Random(f'{fold}').shuffle(parts)
    chosen, rest = parts[:number], parts[number:]
    chosen = cover_classes(chosen, rest, classes)
    labelled_parts = set(chosen)
    covered = set().union(*(classes[part] for part in chosen))
    present = set().union(*classes.values())
    names = {each['id']: each.get('name', each['id']) for each in data['categories']}
    missing = [str(names[each]) for each in sorted(present - covered)]

    labelled, unlabelled = data.copy(), data.copy()
    labelled['images'] = [
        each for each in data['images'] if owner[each['id']] in labelled_parts
    ]
    labelled['annotations'] = [
        each
        for each in data['annotations']
        if owner[each['image_id']] in labelled_parts
    ]
    unlabelled['images'] = [
        each for each in data['images'] if owner[each['id']] not in labelled_parts
    ]
    unlabelled['annotations'] = []
    return labelled, unlabelled, missing


def write_split(
    ann_file: Path, percent: float, fold: int = 0, out_dir: Path | None = None
) -> list[str]:
    """Writes ``<stem>_labelled10.json`` and ``<stem>_unlabelled90.json``.

    Args:
        ann_file: COCO file.
        percent: See ``split_labelled``.
        fold: The same; other folds than 0 are named in the files.
        out_dir: Where to; by default the file's folder.

    Returns:
        Lines to print: what was written, and a warning where a class has no labelled
        box.

    Raises:
        ValueError: See ``load_coco_json`` and ``split_labelled``, or if nothing can be
            written at the place.
    """
    labelled, unlabelled, missing = split_labelled(
        load_coco_json(ann_file), percent, fold
    )
    out_dir = out_dir or ann_file.parent
    suffix = f'_fold{fold}' if fold else ''
    lines = []
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for kind, share, data in (
            ('labelled', percent, labelled),
            ('unlabelled', 100 - percent, unlabelled),
        ):
            path = out_dir / f'{ann_file.stem}_{kind}{share:g}{suffix}.json'
            path.write_text(json.dumps(data, separators=(',', ':')), 'utf-8')
            counts = f'{len(data["images"])} images, {len(data["annotations"])} boxes'
            lines.append(f'{path}: {counts}')
    except OSError as error:
        raise DatasetError(f'{out_dir}: cannot write: {error.strerror}') from None
    if missing:
        lines.append(f'warning: no labelled box of {", ".join(missing)}')
    return lines


def _check_references(data: dict) -> None:
    """Refuses ids that are missing, used twice or lead nowhere."""
    known: dict[str, set] = {}
    for table, noun in (('images', 'image'), ('categories', 'category')):
        known[table] = set()
        for each in data[table]:
            each_id = each.get('id') if isinstance(each, dict) else None
            if not isinstance(each_id, int | str):
                raise DatasetError(f'{noun} without a usable id: {each_id!r}')
            if each_id in known[table]:
                raise DatasetError(f'{noun} id {each_id!r} is used twice')
            known[table].add(each_id)
    for image in data['images']:
        part = image.get('part_id')
        if not isinstance(part, int | str | None):
            raise DatasetError(
                f'part_id {part!r} of image {image["id"]!r} is no whole number or text'
            )
    for annotation in data['annotations']:
        if not isinstance(annotation, dict):
            raise DatasetError(f'expected an object as annotation, got {annotation!r}')
        for key, table in (('image_id', 'images'), ('category_id', 'categories')):
            value = annotation.get(key)
            if not isinstance(value, int | str) or value not in known[table]:
                raise DatasetError(
                    f'{key} {value!r} of annotation {annotation.get("id")!r} '
                    f'is not among the {table}'
                )
