"""``predictions.json``: what an image classifier answered, for the tools that judge it.

One file holds every task: its classes, its activation, and for each image the logits,
the labels it has, and the groups it belongs to. The reader checks every value, since
a figure of a file that is half right would look like any other.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .functional.temperature import ACTIVATIONS
from .report_tables import dump_json

VERSION = 1
UNLABELLED = -1
_LARGEST = 1e300


class PredictionsError(ValueError):
    """The file is not what is asked for; the message is one line and names it."""


@dataclass(frozen=True)
class TaskAnswers:
    """One task of N images.

    Attributes:
        classes: Names, in the order of the labels.
        activation: ``'softmax'`` or ``'sigmoid'``.
        img_paths: (N,) str.
        labels: (N,) int64, -1 unlabelled.
        logits: (N, K) float64, unactivated.
        groups: (N,) of column name -> group.
    """

    classes: tuple[str, ...]
    activation: str
    img_paths: np.ndarray
    labels: np.ndarray
    logits: np.ndarray
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: np.ndarray) -> 'TaskAnswers':
        return TaskAnswers(
            self.classes,
            self.activation,
            self.img_paths[index],
            self.labels[index],
            self.logits[index],
            self.groups[index],
        )

    def labelled(self) -> 'TaskAnswers':
        """The images that have a label."""
        return self[self.labels != UNLABELLED]


@dataclass(frozen=True)
class TaskPredictions:
    """Content of a file: the model's mark, or None, and the answers by task."""

    model: str | None
    tasks: dict[str, TaskAnswers]

    def task(self, name: str) -> TaskAnswers:
        """Answers of a task.

        Raises:
            PredictionsError: If the file has no such task.
        """
        if name not in self.tasks:
            known = ', '.join(self.tasks)
            raise PredictionsError(
                f'no task {name!r} in the predictions; known: {known}'
            )
        return self.tasks[name]


def write_predictions(
    path: str | Path,
    tasks: Mapping[str, Mapping[str, Any]],
    images: Sequence[Mapping[str, Any]],
    model: str | None = None,
) -> None:
    """Write the file.

    Args:
        path: Where to.
        tasks: Task -> its ``classes`` and ``activation``.
        images: ``img_path``, ``labels`` and ``logits`` by task, and ``groups``.
        model: First 12 hexadecimal digits of the checkpoint's SHA-256.
    """
    content = {
        'version': VERSION,
        'model': model,
        'tasks': dict(tasks),
        'images': list(images),
    }
    dump_json(content, str(path))


def read_predictions(path: str | Path) -> TaskPredictions:
    """Read and check the file.

    Raises:
        FileNotFoundError: If there is none.
        PredictionsError: If anything in it is not as the format says.
    """
    try:
        return _checked(json.loads(_text(Path(path))))
    except json.JSONDecodeError as error:
        raise PredictionsError(f'{path} is no JSON: {error}') from None
    except PredictionsError as error:
        raise PredictionsError(f'{path}: {error}') from None


def _text(path: Path) -> str:
    if path.is_dir():
        raise PredictionsError('is a folder, expected a predictions.json')
    try:
        return path.read_text(encoding='utf-8')
    except UnicodeDecodeError:
        raise PredictionsError('is no text') from None


def _checked(content: Any) -> TaskPredictions:
    _field(content, 'the file', 'version', int)
    if content['version'] != VERSION:
        raise PredictionsError(f'version {content["version"]}, expected {VERSION}')
    model = content.get('model')
    if not isinstance(model, str | None):
        raise PredictionsError(f'model must be a text or null, got {model!r}')
    tasks = _field(content, 'the file', 'tasks', dict)
    images = _field(content, 'the file', 'images', list)
    if not tasks or not images:
        raise PredictionsError(f'holds no {"images" if tasks else "tasks"}')
    specs = {name: _spec(name, spec) for name, spec in tasks.items()}
    for index, image in enumerate(images):
        where = f'image {index}'
        path = _field(image, where, 'img_path', str)
        where += f' ({path})'
        for column, group in _field(image, where, 'groups', dict).items():
            if not isinstance(group, str):
                raise PredictionsError(f'{where}: group {column} must be a text')
        for part in ('labels', 'logits'):
            unknown = _field(image, where, part, dict).keys() - specs.keys()
            if unknown:
                raise PredictionsError(f'{where}: {part} of no task: {min(unknown)}')
    counted = Counter(image['img_path'] for image in images)
    twice, times = counted.most_common(1)[0]
    if times > 1:
        raise PredictionsError(f'{twice} is there {times} times')
    return TaskPredictions(
        model, {name: _answers(name, spec, images) for name, spec in specs.items()}
    )


def _spec(name: str, spec: Any) -> tuple[tuple[str, ...], str]:
    where = f'task {name}'
    classes = _field(spec, where, 'classes', list)
    named = all(isinstance(each, str) for each in classes)
    if not named or len(set(classes)) < max(2, len(classes)):
        raise PredictionsError(f'{where}: classes must be two or more different names')
    activation = _field(spec, where, 'activation', str)
    if activation not in ACTIVATIONS:
        raise PredictionsError(
            f'{where}: activation must be one of {ACTIVATIONS}, got {activation!r}'
        )
    return tuple(classes), activation


def _answers(
    name: str, spec: tuple[tuple[str, ...], str], images: Sequence[Mapping[str, Any]]
) -> TaskAnswers:
    classes, activation = spec
    labels, logits = [], []
    for index, image in enumerate(images):
        where = f'image {index} ({image["img_path"]})'
        label = image['labels'].get(name, UNLABELLED)
        if name in image['labels'] and not (
            isinstance(label, int) and _is_number(label) and 0 <= label < len(classes)
        ):
            raise PredictionsError(
                f'{where}: label of {name} must be an integer from 0 to '
                f'{len(classes) - 1}, got {label!r}'
            )
        values = image['logits'].get(name)
        fit = isinstance(values, list) and len(values) == len(classes)
        if not fit or not all(map(_is_number, values)):
            raise PredictionsError(
                f'{where}: logits of {name} must be {len(classes)} finite numbers'
            )
        labels.append(label)
        logits.append(values)
    return TaskAnswers(
        classes,
        activation,
        np.array([image['img_path'] for image in images]),
        np.array(labels, dtype=np.int64),
        np.array(logits, dtype=np.float64),
        np.array([image['groups'] for image in images], dtype=object),
    )


def _is_number(value: Any) -> bool:
    """Whether it is finite; written so that nan and integers past any float fail."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) < _LARGEST


def _field(content: Any, where: str, name: str, kind: type) -> Any:
    if not isinstance(content, dict):
        raise PredictionsError(f'{where} must be an object')
    if name not in content:
        raise PredictionsError(f'{where} lacks {name}')
    value = content[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        names = {dict: 'an object', list: 'a list', str: 'a text', int: 'an integer'}
        raise PredictionsError(
            f'{where}: {name} must be {names[kind]}, got {value!r:.40}'
        )
    return value
