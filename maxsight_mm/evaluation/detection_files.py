"""Reads what a detector predicted for a COCO file, and what is there.

Predictions come as ``tools/test.py --out`` and ``PredictionFileHook`` write them
(``.pkl``), or as COCO results (``.json``: a list of ``image_id``, ``category_id``,
``bbox`` and ``score``). A pickle may run code when it is read: here one may hold
tensors and plain data, and nothing else.
"""

import io
import json
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

IMAGE_FIELDS = ('img_id', 'pred_instances')


class DetectionFileError(ValueError):
    """Predictions that cannot be used; the message is one line."""


class ImageDetections(NamedTuple):
    """``boxes`` (N, 4) float32 xyxy in the file's pixels, ``scores`` (N,) float32 and
    ``labels`` (N,) int64."""

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


class ImageObjects(NamedTuple):
    """What is there; the ignored are crowds. Boxes as in ``ImageDetections``."""

    boxes: np.ndarray
    labels: np.ndarray
    ignored_boxes: np.ndarray
    ignored_labels: np.ndarray


def read_truth(data: Mapping[str, Any], classes: Sequence[str]) -> dict:
    """Objects of a COCO file by the id of the image.

    Args:
        data: The valid top-level object of the file.
        classes: Names in the order of the labels.

    Returns:
        ``ImageObjects`` of every image.

    Raises:
        DetectionFileError: If the names are not those of the file.
    """
    label_of = _labels(data, classes)
    rows: dict = {image['id']: ([], []) for image in data['images']}
    for annotation in data['annotations']:
        x, y, width, height = annotation['bbox']
        row = (x, y, x + width, y + height, label_of[annotation['category_id']])
        rows[annotation['image_id']][bool(annotation.get('iscrowd'))].append(row)
    return {
        image: ImageObjects(*_pair(there), *_pair(crowds))
        for image, (there, crowds) in rows.items()
    }


def read_detections_file(
    path: Path, data: Mapping[str, Any], classes: Sequence[str]
) -> dict[Any, ImageDetections]:
    """Predictions for every image of a COCO file, by the id of the image.

    Args:
        path: ``.pkl``, ``.pickle`` or ``.json``.
        data: The valid top-level object of the COCO file.
        classes: Names in the order of the labels.

    Raises:
        DetectionFileError: If the file cannot be read, or its images, labels or
            scores do not fit.
    """
    read: Callable = _from_json if path.suffix == '.json' else _from_pickle
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DetectionFileError(f'{path}: cannot be read: {error.strerror}') from None
    try:
        found = read(raw, data, classes)
    except DetectionFileError as error:
        raise DetectionFileError(f'{path}: {error}') from None
    images = {image['id'] for image in data['images']}
    if set(found) != images:
        missing, other = len(images - set(found)), len(set(found) - images)
        raise DetectionFileError(
            f'{path}: {missing} images of the annotation file have no predictions, '
            f'{other} with predictions are not in it'
        )
    for image, detections in found.items():
        _check(detections, len(classes), f'{path}: image {image!r}')
    return found


def _from_json(
    raw: bytes, data: Mapping[str, Any], classes: Sequence[str]
) -> dict[Any, ImageDetections]:
    label_of = _labels(data, classes)
    # An image that nothing was found in is not in the list.
    rows: dict = {image['id']: [] for image in data['images']}
    try:
        for row in json.loads(raw):
            x, y, width, height = row['bbox']
            label = label_of[row['category_id']]
            box = (x, y, x + width, y + height, label, row['score'])
            rows.setdefault(row['image_id'], []).append(box)
    except (KeyError, TypeError, ValueError) as error:
        why = f'{type(error).__name__}: {error}'
        raise DetectionFileError(f'no COCO results ({why})') from None
    found = {}
    for image, each in rows.items():
        table = np.array(each, np.float64).reshape(-1, 6)
        boxes, labels, scores = np.split(table, [4, 5], axis=1)
        found[image] = ImageDetections(
            boxes.astype(np.float32),
            scores[:, 0].astype(np.float32),
            labels[:, 0].astype(np.int64),
        )
    return found


def _from_pickle(
    raw: bytes, data: Mapping[str, Any], classes: Sequence[str]
) -> dict[Any, ImageDetections]:
    try:
        records = _PlainUnpickler(io.BytesIO(raw)).load()
    # A broken pickle may raise anything.
    except Exception as error:
        why = f'{type(error).__name__}: {error}'
        raise DetectionFileError(f'no predictions of tools/test.py ({why})') from None
    found = {}
    for record in records if isinstance(records, list) else [None]:
        if not isinstance(record, dict) or not all(f in record for f in IMAGE_FIELDS):
            raise DetectionFileError(
                'no predictions of tools/test.py: expected a list of dicts with '
                f'{" and ".join(IMAGE_FIELDS)}'
            )
        instances = record['pred_instances']
        found[record['img_id']] = ImageDetections(
            np.asarray(instances['bboxes'], np.float32).reshape(-1, 4),
            np.asarray(instances['scores'], np.float32),
            np.asarray(instances['labels'], np.int64),
        )
    return found


def _tensor_storage(raw: bytes) -> Any:
    """``torch.storage._load_from_bytes``, without its leave to run code."""
    return torch.load(io.BytesIO(raw), weights_only=True)


_ALLOWED: dict[tuple[str, str], Any] = {
    ('torch.storage', '_load_from_bytes'): _tensor_storage,
    ('torch._utils', '_rebuild_tensor_v2'): torch._utils._rebuild_tensor_v2,
    ('collections', 'OrderedDict'): OrderedDict,
    ('_codecs', 'encode'): __import__('_codecs').encode,
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f'it holds {module}.{name}') from None


def _labels(data: Mapping[str, Any], classes: Sequence[str]) -> dict[Any, int]:
    names = {category['id']: category['name'] for category in data['categories']}
    if sorted(names.values()) != sorted(classes):
        raise DetectionFileError(
            f'the annotation file has the classes {", ".join(names.values())}; name '
            'them with --classes in the order of the config'
        )
    return {number: list(classes).index(name) for number, name in names.items()}


def _pair(rows: list[tuple]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(rows, np.float64).reshape(-1, 5)
    return table[:, :4].astype(np.float32), table[:, 4].astype(np.int64)


def _check(detections: ImageDetections, num_classes: int, where: str) -> None:
    boxes, scores, labels = detections
    if not len(boxes) == len(scores) == len(labels):
        raise DetectionFileError(f'{where}: as many boxes, scores and labels expected')
    if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
        raise DetectionFileError(f'{where}: boxes and scores must be finite')
    if labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
        raise DetectionFileError(
            f'{where}: labels must be 0 to {num_classes - 1}, '
            f'got {labels.min()} to {labels.max()}'
        )
