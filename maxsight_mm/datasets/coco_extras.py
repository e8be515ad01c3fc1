"""The optional labels a COCO JSON may carry here, and what is allowed in them.

On an annotation: ``distance_m``, ``time_to_contact_s`` (null: never), ``zone``,
``urgency``, ``moving``, ``findability``, ``text``, ``instance_id``. On an image:
``video_id``, ``frame_id``, ``focal_px``, ``fps`` and ``tasks``, a dict of labels of the
whole image.
``docs/datasets.md`` describes each. An absent field means unlabelled.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

from ..taxonomy import URGENCIES, ZONES

FILE_TASKS = ('depth_file', 'flow_file', 'occlusion_file', 'audio_file')


def is_number(value: Any) -> bool:
    """Whether a value is an int or float and no bool."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether a value is a number without a fraction."""
    return is_number(value) and float(value).is_integer()


def is_text(value: Any) -> bool:
    """Whether a value is a string with something in it."""
    return isinstance(value, str) and bool(value)


def is_known(key: Any, known: dict) -> bool:
    """Whether ``key`` may be looked up in ``known`` and is there."""
    return isinstance(key, int | str) and key in known


def _level(names: tuple[str, ...]) -> Callable[[Any], bool]:
    return lambda value: is_whole(value) and 0 <= value < len(names)


def _share(value: Any) -> bool:
    return is_number(value) and 0 <= value <= 1


def _is_sound(value: Any) -> bool:
    if not isinstance(value, dict) or not is_text(value.get('label')):
        return False
    numbers = [value.get(key, 0) for key in ('azimuth_deg', 'start_s', 'end_s')]
    return all(is_number(number) and math.isfinite(number) for number in numbers)


def _is_relation(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 3 and is_text(value[1])


def _is_written(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get('text'), str):
        return False
    quad = value.get('quad')
    return (
        isinstance(quad, list)
        and len(quad) == 4
        and all(isinstance(corner, list) and len(corner) == 2 for corner in quad)
        and all(is_number(v) and math.isfinite(v) for corner in quad for v in corner)
    )


# field -> (is it allowed?, what is expected)
_ZONE = (_level(ZONES), f'an int 0 to {len(ZONES) - 1}')
_URGENCY = (_level(URGENCIES), f'an int 0 to {len(URGENCIES) - 1}')
_SHARE = (_share, 'a number 0 to 1')
_TEXT = (lambda value: isinstance(value, str), 'a string')
_WHOLE = (is_whole, 'an int')
_AMOUNT = (
    lambda value: is_number(value) and 0 <= value < math.inf,
    'a finite number >= 0',
)
_TIME = (
    lambda value: value is None or _AMOUNT[0](value),
    'a finite number >= 0, or null',
)
_POSITIVE = (lambda value: is_number(value) and 0 < value < math.inf, 'a number > 0')
_BOOL = (lambda value: isinstance(value, bool) or value in (0, 1), 'a bool')

OBJECT_RULES = {
    'distance_m': _AMOUNT,
    'time_to_contact_s': _TIME,
    'zone': _ZONE,
    'urgency': _URGENCY,
    'moving': _BOOL,
    'findability': _SHARE,
    'text': _TEXT,
    'instance_id': _WHOLE,
}
IMAGE_RULES = {
    'video_id': _WHOLE,
    'frame_id': _WHOLE,
    'focal_px': _POSITIVE,
    'fps': _POSITIVE,
    'tasks': (lambda value: isinstance(value, dict), 'an object'),
}
TASK_RULES = {
    'urgency': _URGENCY,
    'lighting': _TEXT,
    'glare': _SHARE,
    'contrast': _SHARE,
    'caption': _TEXT,
    'relations': (
        lambda value: isinstance(value, list) and all(map(_is_relation, value)),
        'a list of [subject id, predicate, object id]',
    ),
    'sounds': (
        lambda value: isinstance(value, list) and all(map(_is_sound, value)),
        'a list of {label, azimuth_deg, start_s, end_s}',
    ),
    'texts': (
        lambda value: isinstance(value, list) and all(map(_is_written, value)),
        'a list of {text, quad of 4 [x, y] corners}',
    ),
} | dict.fromkeys(FILE_TASKS, (is_text, 'a relative path'))

# JSON writes 1.0 as 1 at will; these are what the numbers of a task are.
TASK_TYPES: dict[str, type] = {
    name: float if rule is _SHARE else int
    for name, rule in TASK_RULES.items()
    if rule in (_SHARE, _URGENCY)
}


def _faults(record: dict, rules: dict) -> list[str]:
    return [
        f'{name} must be {expected}, got {record[name]!r}'
        for name, (allowed, expected) in rules.items()
        if name in record and not allowed(record[name])
    ]


def object_extra_faults(annotation: dict) -> list[str]:
    """What is wrong with the optional labels of an annotation."""
    return _faults(annotation, OBJECT_RULES)


def image_extra_faults(image: dict) -> list[str]:
    """What is wrong with the optional labels of an image."""
    faults = _faults(image, IMAGE_RULES)
    if isinstance(image.get('tasks'), dict):
        faults += [f'tasks: {fault}' for fault in _faults(image['tasks'], TASK_RULES)]
    return faults


def relation_faults(
    image_id: Any, image: dict, annotations: dict[Any, dict]
) -> Iterator[str]:
    """Ends of relations that are not annotations of this image."""
    tasks = image.get('tasks')
    relations = tasks.get('relations') if isinstance(tasks, dict) else None
    if not isinstance(relations, list):
        return
    for relation in filter(_is_relation, relations):
        for end in (relation[0], relation[2]):
            known = is_known(end, annotations)
            if not known or annotations[end].get('image_id') != image_id:
                yield (
                    f'tasks: relation {relation!r} names annotation {end!r}, '
                    'which is not of this image'
                )
