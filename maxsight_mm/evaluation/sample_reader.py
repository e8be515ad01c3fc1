"""From the dict of a ``TaskSample`` to small checked arrays in image coordinates.

The metrics read samples only through this file, so they agree on what is
unlabelled, on the scale of the boxes, and on what is refused: a score that is not
finite would sort anywhere and turn up as a quiet figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from mmdet.structures.bbox import BaseBoxes
from torch import Tensor

from maxsight_mm.taxonomy.levels import URGENCIES, ZONES

GT_SCALES = ('network', 'original')


@dataclass(frozen=True)
class Detections:
    """What the model found; ``zones`` and ``urgencies`` are None if not answered.

    ``boxes`` (N, 4) float32 xyxy in the original image, ``scores`` (N,) float32 in
    [0, 1]; ``labels``, ``zones`` and ``urgencies`` (N,) int64.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    zones: np.ndarray | None
    urgencies: np.ndarray | None

    def __getitem__(self, index: np.ndarray) -> 'Detections':
        return Detections(
            self.boxes[index],
            self.scores[index],
            self.labels[index],
            None if self.zones is None else self.zones[index],
            None if self.urgencies is None else self.urgencies[index],
        )


@dataclass(frozen=True)
class Objects:
    """Ground truth of one image; ``zones`` and ``urgencies`` are -1 if unlabelled.

    ``boxes`` (G, 4) and ``ignored_boxes`` (I, 4) float32 xyxy in the original image;
    the labels int64. ``zones_heuristic`` and ``urgencies_heuristic`` (G,) bool say
    which of them are rules of thumb.
    """

    boxes: np.ndarray
    labels: np.ndarray
    zones: np.ndarray
    urgencies: np.ndarray
    zones_heuristic: np.ndarray
    urgencies_heuristic: np.ndarray
    ignored_boxes: np.ndarray
    ignored_labels: np.ndarray


def read_detections(sample: Mapping[str, Any]) -> Detections:
    """Read ``pred_instances``.

    Raises:
        ValueError: If a field is missing, has another length than the boxes or is not
            finite, or a score or level is out of range; it names image and field.
    """
    fields = SampleFields(sample, 'pred_instances')
    boxes = fields.boxes('bboxes')
    num = len(boxes)
    return Detections(
        boxes=boxes,
        scores=fields.unit_scores('scores', (num,)),
        labels=fields.integers('labels', num),
        zones=fields.levels('zones', num, len(ZONES)) if 'zones' in fields else None,
        urgencies=fields.levels('urgencies', num, len(URGENCIES))
        if 'urgencies' in fields
        else None,
    )


def read_objects(sample: Mapping[str, Any], gt_scale: str) -> Objects | None:
    """Read ``gt_instances`` and ``ignored_instances``.

    Args:
        sample: The dict of a ``TaskSample``.
        gt_scale: ``'network'`` when the pipeline resizes after it loads the
            annotations, so that boxes are divided by ``scale_factor``;
            ``'original'`` when it loads them after resizing, as the test pipelines
            that ship with MMDetection do.

    Returns:
        The objects, or None where the image has no box labels at all. An image that
        is labelled as empty has zero objects.

    Raises:
        ValueError: If a field has another length than the boxes, is not finite or out
            of range, or a box lies outside its image, the mark of a wrong
            ``gt_scale``.
    """
    fields = SampleFields(sample, 'gt_instances')
    if 'bboxes' not in fields:
        return None
    scale = _scale_factor(sample) if gt_scale == 'network' else np.ones(4)
    boxes = (fields.boxes('bboxes') / scale).astype(np.float32)
    _check_inside(boxes, sample, gt_scale)
    num = len(boxes)
    ignored = SampleFields(sample, 'ignored_instances')
    ignored_boxes = ignored.boxes('bboxes') if 'bboxes' in ignored else np.empty((0, 4))
    unlabelled = np.full(num, -1, dtype=np.int64)
    return Objects(
        boxes=boxes,
        labels=fields.integers('labels', num),
        zones=fields.levels('zones', num, len(ZONES))
        if 'zones' in fields
        else unlabelled,
        urgencies=(
            fields.levels('urgencies', num, len(URGENCIES))
            if 'urgencies' in fields
            else unlabelled
        ),
        zones_heuristic=fields.flags('zones_heuristic', num),
        urgencies_heuristic=fields.flags('urgencies_heuristic', num),
        ignored_boxes=(ignored_boxes / scale).astype(np.float32),
        ignored_labels=(
            ignored.integers('labels', len(ignored_boxes))
            if 'labels' in ignored
            else np.empty(0, dtype=np.int64)
        ),
    )


def read_image_urgency(sample: Mapping[str, Any]) -> int:
    """True urgency of the image in 0..3, -1 if unlabelled."""
    fields = SampleFields(sample, 'gt_tasks')
    return (
        int(fields.levels('urgency', 1, len(URGENCIES))[0])
        if 'urgency' in fields
        else -1
    )


def is_image_urgency_heuristic(sample: Mapping[str, Any]) -> bool:
    """Whether the image's true urgency is a rule of thumb."""
    # The dict form of ``gt_tasks`` holds its metainfo beside its fields.
    return 'urgency' in (sample.get('gt_tasks') or {}).get('heuristic', ())


def has_heuristic_zones(sample: Mapping[str, Any]) -> bool:
    """Whether the true zone of any object is a rule of thumb."""
    fields = SampleFields(sample, 'gt_instances')
    return 'zones_heuristic' in fields and fields.any('zones_heuristic')


def read_urgency_answer(sample: Mapping[str, Any]) -> int | None:
    """Answered urgency of the image in 0..3, None if not answered.

    ``pred_tasks.urgency`` is the answer, since a head may decide more cautiously
    than its best score; where a model gives scores only, their best level is it.
    """
    fields = SampleFields(sample, 'pred_tasks')
    if 'urgency' in fields:
        answer = int(fields.levels('urgency', 1, len(URGENCIES))[0])
        return answer if answer >= 0 else None
    scores = read_urgency_scores(sample)
    return None if scores is None else int(scores.argmax())


def read_urgency_scores(sample: Mapping[str, Any]) -> np.ndarray | None:
    """Image urgency scores (4,) in [0, 1], None if not answered."""
    fields = SampleFields(sample, 'pred_tasks')
    if 'urgency_scores' not in fields:
        return None
    return fields.unit_scores('urgency_scores', (len(URGENCIES),))


def read_uncertainty(sample: Mapping[str, Any]) -> float | None:
    """Uncertainty of the image in [0, 1], None if not answered."""
    fields = SampleFields(sample, 'pred_tasks')
    if 'uncertainty' not in fields:
        return None
    return float(fields.unit_scores('uncertainty', (1,))[0])


class SampleFields:
    """One group of fields of a sample, with errors that say where they come from."""

    def __init__(self, sample: Mapping[str, Any], group: str) -> None:
        self.fields = sample.get(group) or {}
        self.group = group
        self.image = sample.get('img_id')

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def boxes(self, name: str) -> np.ndarray:
        boxes = self.finite(name, self.array(name).astype(np.float32))
        if boxes.ndim != 2 or boxes.shape[1] != 4:
            raise self.error(name, f'expected shape (N, 4), got {boxes.shape}')
        return boxes

    def unit_scores(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        values = self.array(name).astype(np.float32)
        if values.shape != shape:
            raise self.error(name, f'expected shape {shape}, got {values.shape}')
        self.finite(name, values)
        if values.size and not 0 <= values.min() <= values.max() <= 1:
            raise self.error(
                name,
                f'expected scores in [0, 1], got {values.min()} to {values.max()}',
            )
        return values

    def integers(self, name: str, num: int) -> np.ndarray:
        values = self.array(name)
        if values.shape != (num,):
            raise self.error(name, f'expected shape {(num,)}, got {values.shape}')
        return values.astype(np.int64)

    def levels(self, name: str, num: int, num_levels: int) -> np.ndarray:
        values = self.integers(name, num)
        if values.size and not -1 <= values.min() <= values.max() < num_levels:
            raise self.error(
                name,
                f'expected levels in [0, {num_levels}) or -1, '
                f'got {values.min()} to {values.max()}',
            )
        return values

    def flags(self, name: str, num: int) -> np.ndarray:
        """(num,) bool; all False where there is no such field."""
        if name not in self:
            return np.zeros(num, dtype=bool)
        return self.integers(name, num).astype(bool)

    def any(self, name: str) -> bool:
        return bool(self.array(name).any())

    def array(self, name: str) -> np.ndarray:
        """A field as it stands, on the CPU."""
        if name not in self.fields:
            raise self.error(name, 'is missing')
        value = self.fields[name]
        if isinstance(value, BaseBoxes):
            value = value.tensor
        if isinstance(value, Tensor):
            value = value.detach().cpu()
            # numpy has no bfloat16
            value = (value.float() if value.is_floating_point() else value).numpy()
        return np.asarray(value)

    def finite(self, name: str, values: np.ndarray) -> np.ndarray:
        if not np.isfinite(values).all():
            raise self.error(name, 'holds a value that is not finite')
        return values

    def error(self, name: str, what: str) -> ValueError:
        return ValueError(f'image {self.image!r}: {self.group}.{name}: {what}')


def _scale_factor(sample: Mapping[str, Any]) -> np.ndarray:
    """(4,) x, y, x, y factor from original to network coordinates; 1 if not resized."""
    width, height = np.asarray(sample.get('scale_factor', (1.0, 1.0)))[:2]
    return np.array([width, height, width, height], dtype=np.float32)


def _check_inside(boxes: np.ndarray, sample: Mapping[str, Any], gt_scale: str) -> None:
    if 'ori_shape' not in sample:
        return
    height, width = sample['ori_shape'][:2]
    outside = (boxes[:, :2] >= (width, height)).any(axis=1) | (boxes[:, 2:] <= 0).any(
        axis=1
    )
    if outside.any():
        raise ValueError(
            f'image {sample.get("img_id")!r}: gt_instances.bboxes: box '
            f'{boxes[outside][0].tolist()} lies outside the {width} x {height} image '
            f'when read with gt_scale={gt_scale!r}; does the pipeline load '
            'annotations before it resizes (network) or after (original)?'
        )
