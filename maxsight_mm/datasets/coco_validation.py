"""Finds every fault of a COCO dictionary, each with the id of its record.

pycocotools and the loaders on top of it overwrite duplicate ids, drop bad boxes
and skip unknown categories without a word; a training run then teaches less, or
something else, than its files say. The validator lists all of that instead. It
reads no image; see ``image_checks.py`` for the files.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..taxonomy import ZONES, nearest_names, zone_of_distance
from .coco_extras import (
    TASK_RULES,
    image_extra_faults,
    is_known,
    is_number,
    is_text,
    is_whole,
    object_extra_faults,
    relation_faults,
)

# Converters from 1-based or rounded pixels end boxes up to one pixel outside.
OVERHANG_TOLERANCE_PX = 1.0

# The codes of faults in boxes: what can only be dropped, what can be clipped.
BOX_CODES = ('bad_box', 'box_reaches_out')


@dataclass(frozen=True)
class Issue:
    """One fault: its kind, the record's kind and id, and a sentence."""

    code: str
    record: str
    record_id: Any
    message: str

    def __str__(self) -> str:
        if self.record == 'file':
            return self.message
        return f'{self.record} {self.record_id!r}: {self.message}'


@dataclass
class ValidationReport:
    """All faults found. ``errors`` make a label wrong or lost; ``warnings`` not."""

    counts: dict[str, int] = field(default_factory=dict)
    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors

    def error(self, code: str, record: str, record_id: Any, message: str) -> None:
        self.errors.append(Issue(code, record, record_id, message))

    def warn(self, code: str, record: str, record_id: Any, message: str) -> None:
        self.warnings.append(Issue(code, record, record_id, message))

    def summary(self, limit: int = 10) -> str:
        """Counts, then each kind of fault with its first ``limit`` records."""
        counts = ', '.join(f'{count} {name}' for name, count in self.counts.items())
        lines = [counts or 'nothing to count']
        for title, issues in (('error', self.errors), ('warning', self.warnings)):
            for code, count in Counter(issue.code for issue in issues).items():
                lines.append(f'{title}: {code} ({count})')
                same = [issue for issue in issues if issue.code == code]
                lines += [f'  {issue}' for issue in same[:limit]]
                if count > limit:
                    lines.append(f'  ... and {count - limit} more')
        if not self.errors and not self.warnings:
            lines.append('no faults found')
        return '\n'.join(lines)

    def to_json(self) -> str:
        """The report as a JSON object; ids that JSON lacks become strings."""
        as_dicts = {
            name: [vars(issue) for issue in getattr(self, name)]
            for name in ('errors', 'warnings')
        }
        report = {'ok': self.ok, 'counts': self.counts, **as_dicts}
        return json.dumps(report, default=str, indent=2)


def listed(issues: list[Issue], noun: str) -> str:
    """A count and the first ten issues, on one line."""
    plural = noun if len(issues) == 1 else f'{noun}es' if noun == 'box' else f'{noun}s'
    shown = '; '.join(map(str, issues[:10]))
    more = f'; and {len(issues) - 10} more' if len(issues) > 10 else ''
    return f'{len(issues)} {plural}: {shown}{more}'


def validate_coco(data: dict, classes: Iterable[str] | None = None) -> ValidationReport:
    """Checks ids, references, boxes and the optional labels of a COCO dictionary.

    Args:
        data: The top-level object of the JSON file.
        classes: Class names the categories are compared with, if given.
    """
    report = ValidationReport()
    if not isinstance(data, dict):
        kind = type(data).__name__
        report.error('not_an_object', 'file', None, f'expected a dict, got {kind}')
        return report
    categories = _records(report, data, 'categories', 'category')
    images = _records(report, data, 'images', 'image')
    annotations = _records(report, data, 'annotations', 'annotation')

    _check_categories(report, categories, classes)
    for image_id, image in images.items():
        _check_image(report, image_id, image)
    for name, count in Counter(
        image['file_name']
        for image in images.values()
        if is_text(image.get('file_name'))
    ).items():
        if count > 1:
            message = f'file_name {name!r} is used by {count} images'
            report.warn('duplicate_file_name', 'file', None, message)

    used = set()
    for annotation_id, annotation in annotations.items():
        _check_references(report, annotation_id, annotation, images, categories)
        _check_box(report, annotation_id, annotation, images)
        _check_object_extras(report, annotation_id, annotation)
        used.add(annotation.get('image_id'))
    for image_id, image in images.items():
        for fault in relation_faults(image_id, image, annotations):
            report.error('bad_extra', 'image', image_id, fault)
    report.counts = {
        'images': len(images),
        'annotations': len(annotations),
        'categories': len(categories),
        'images without annotations': sum(1 for i in images if i not in used),
    }
    return report


def _records(
    report: ValidationReport, data: dict, key: str, record: str
) -> dict[Any, dict]:
    """The list under ``key`` by id; the first of a duplicated id is kept."""
    entries = data.get(key)
    if not isinstance(entries, list):
        kind = type(entries).__name__
        report.error(
            'missing_key', 'file', None, f'expected a list {key!r}, got {kind}'
        )
        return {}
    by_id: dict[Any, dict] = {}
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict):
            message = f'{key}[{position}] is a {type(entry).__name__}, not an object'
            report.error('not_an_object', 'file', None, message)
            continue
        record_id = entry.get('id')
        if isinstance(record_id, bool) or not isinstance(record_id, int | str):
            message = f'{key}[{position}] has the id {record_id!r}, not int or str'
            report.error('bad_id', 'file', None, message)
        elif record_id in by_id:
            code = f'duplicate_{record}_id'
            report.error(code, record, record_id, f'id used again at {key}[{position}]')
        else:
            by_id[record_id] = entry
    return by_id


def _check_categories(
    report: ValidationReport,
    categories: dict[Any, dict],
    classes: Iterable[str] | None,
) -> None:
    names: dict[str, Any] = {}
    for category_id, category in categories.items():
        name = category.get('name')
        if not isinstance(name, str) or not name:
            message = f'expected a name, got {name!r}'
            report.error('missing_key', 'category', category_id, message)
        elif name in names:
            message = f'name {name!r} is also that of category {names[name]!r}'
            report.error('duplicate_category_name', 'category', category_id, message)
        else:
            names[name] = category_id
    if classes is None:
        return
    wanted = list(classes)
    for name in [name for name in names if name not in wanted]:
        message = f'{name!r} is not among the classes{_nearest(name, wanted)}'
        report.error('extra_category', 'category', names[name], message)
    for name in [name for name in wanted if name not in names]:
        message = f'class {name!r} is not among the categories{_nearest(name, names)}'
        report.error('absent_class', 'file', None, message)


def _nearest(name: str, names: Iterable[str]) -> str:
    near = nearest_names(name, names)
    return f' (nearest: {", ".join(map(repr, near))})' if near else ''


def _check_image(report: ValidationReport, image_id: Any, image: dict) -> None:
    for key in ('file_name', 'width', 'height'):
        if key not in image:
            report.error('missing_key', 'image', image_id, f'no {key!r}')
    if 'file_name' in image and not is_text(image.get('file_name')):
        message = f'expected a file_name, got {image["file_name"]!r}'
        report.error('bad_file_name', 'image', image_id, message)
    for key in ('width', 'height'):
        if key in image and not (is_whole(image[key]) and image[key] > 0):
            message = f'expected a positive int as {key}, got {image[key]!r}'
            report.error('bad_image_size', 'image', image_id, message)
    for fault in image_extra_faults(image):
        report.error('bad_extra', 'image', image_id, fault)
    if isinstance(image.get('tasks'), dict):
        _check_own_tasks(report, image_id, image['tasks'])


def _check_own_tasks(report: ValidationReport, image_id: Any, tasks: dict) -> None:
    """Tasks that are none of ours may be a user's own, or a slip of the pen."""
    for name, value in tasks.items():
        if name in TASK_RULES:
            continue
        if near := _nearest(name, TASK_RULES):
            message = f'tasks: {name!r} is no task known here{near}'
            report.warn('unknown_task', 'image', image_id, message)
        if isinstance(value, str):
            message = f'tasks: {name} is text, and heads learn from numbers: {value!r}'
            report.warn('text_task', 'image', image_id, message)


def _check_references(
    report: ValidationReport,
    annotation_id: Any,
    annotation: dict,
    images: dict[Any, dict],
    categories: dict[Any, dict],
) -> None:
    for key, known in (('image_id', images), ('category_id', categories)):
        if key not in annotation:
            report.error('missing_key', 'annotation', annotation_id, f'no {key!r}')
        elif not is_known(annotation[key], known):
            message = f'{key} {annotation[key]!r} is not in the file'
            report.error(f'unknown_{key[:-3]}', 'annotation', annotation_id, message)


def _check_box(
    report: ValidationReport,
    annotation_id: Any,
    annotation: dict,
    images: dict[Any, dict],
) -> None:
    image_id = annotation.get('image_id')
    image = images[image_id] if is_known(image_id, images) else {}
    fault = box_fault(annotation.get('bbox'), image.get('width'), image.get('height'))
    if fault:
        report.error(fault[0], 'annotation', annotation_id, fault[1])


def box_fault(
    bbox: Any, width: Any = None, height: Any = None
) -> tuple[str, str] | None:
    """What is wrong with a COCO ``[x, y, w, h]`` box: a code and a sentence.

    Ends up to one pixel outside the image pass: they are rounding. The border is
    not looked at where the image size is no number.

    Returns:
        None for a good box, 'box_reaches_out' for one that clipping can mend,
        'bad_box' for any other.
    """
    if not isinstance(bbox, list | tuple) or len(bbox) != 4:
        return 'bad_box', f'expected bbox [x, y, w, h], got {bbox!r}'
    if not {int, float}.issuperset(map(type, bbox)) and not all(map(is_number, bbox)):
        return 'bad_box', f'bbox must hold numbers, got {bbox!r}'
    x, y, w, h = bbox
    if not math.isfinite(x + y + w + h):
        return 'bad_box', f'bbox is not finite: {bbox!r}'
    if w <= 0 or h <= 0:
        return 'bad_box', f'bbox {bbox!r}: width and height must be positive'
    if not is_number(width) or not is_number(height):
        return None
    size = f'the image of {width} x {height}'
    if x >= width or y >= height or x + w <= 0 or y + h <= 0:
        return 'bad_box', f'bbox {bbox!r} lies outside {size}'
    slack = OVERHANG_TOLERANCE_PX
    if min(x, y) < -slack or x + w > width + slack or y + h > height + slack:
        return 'box_reaches_out', f'bbox {bbox!r} reaches out of {size}'
    return None


def _check_object_extras(
    report: ValidationReport, annotation_id: Any, annotation: dict
) -> None:
    faults = object_extra_faults(annotation)
    for fault in faults:
        report.error('bad_extra', 'annotation', annotation_id, fault)
    if faults or 'zone' not in annotation or 'distance_m' not in annotation:
        return
    zone, distance_m = annotation['zone'], annotation['distance_m']
    if zone != zone_of_distance(distance_m):
        message = f'zone {zone} ({ZONES[zone]}) does not fit distance_m {distance_m}'
        report.warn('zone_disagrees', 'annotation', annotation_id, message)
