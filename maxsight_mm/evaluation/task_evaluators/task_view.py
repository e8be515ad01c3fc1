"""A sample as the task evaluators see it: labels, answers, and who answers for whom."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..functional.matching import match_boxes
from ..sample_reader import SampleFields, read_detections, read_objects


class TaskView:
    """One sample.

    Args:
        sample: The dict of a ``TaskSample``.
        score_thr: Detections below it answer for no object.
        iou_thr: Least overlap of a detection that answers for an object.
        gt_scale: Scale of the true boxes, see ``read_objects``.
        count_heuristic: Whether rules of thumb count as labels.
    """

    def __init__(
        self,
        sample: Mapping[str, Any],
        score_thr: float = 0.3,
        iou_thr: float = 0.5,
        gt_scale: str = 'network',
        count_heuristic: bool = False,
    ) -> None:
        self.sample = sample
        self.score_thr = score_thr
        self.iou_thr = iou_thr
        self.gt_scale = gt_scale
        self.count_heuristic = count_heuristic
        self._groups = {
            name: SampleFields(sample, name)
            for name in ('gt_tasks', 'pred_tasks', 'gt_instances', 'pred_instances')
        }

    def has(self, group: str, name: str) -> bool:
        """Whether a group of the sample has a field."""
        return name in self._groups[group]

    def raw_label(self, name: str) -> Any:
        """Label of the image as it stands; None if unlabelled."""
        tasks = self._groups['gt_tasks'].fields
        # The dict form of ``gt_tasks`` holds its metainfo beside its fields.
        if not self.count_heuristic and name in tasks.get('heuristic', ()):
            return None
        return tasks.get(name)

    def raw_answer(self, name: str) -> Any:
        """Answer for the image as it stands; None if there is none."""
        if name.startswith(self._unavailable):
            return None
        return self._groups['pred_tasks'].fields.get(name)

    def answers(self, name: str) -> bool:
        """Whether the image or its objects have such an answer."""
        return self.has('pred_tasks', name) or self.has('pred_instances', name)

    def error(self, group: str, name: str, what: str) -> ValueError:
        """Error that names the image and the field."""
        return self._groups[group].error(name, what)

    def label(self, name: str) -> np.ndarray | None:
        """Label of the image; unknown entries are nan. None if unlabelled."""
        if self.raw_label(name) is None:
            return None
        label = _nan_where_unknown(self._groups['gt_tasks'].array(name))
        return label if np.isfinite(label).any() else None

    def answer(
        self, name: str, shape: tuple[int, ...] | None = None
    ) -> np.ndarray | None:
        """Answer for the image, float64; None if there is none.

        Raises:
            ValueError: If it is not finite, or not of the shape of the label.
        """
        if self.raw_answer(name) is None:
            return None
        fields = self._groups['pred_tasks']
        values = fields.finite(name, fields.array(name).astype(np.float64))
        if shape is not None and values.size != np.prod(shape, dtype=int):
            raise self.error(
                'pred_tasks', name, f'expected shape {shape}, got {values.shape}'
            )
        return values if shape is None else values.reshape(shape)

    def object_labels(self, name: str) -> np.ndarray | None:
        """(G, ...) labels of the true objects, nan where unknown; None if none is."""
        if not self.has('gt_instances', name):
            return None
        labels = _nan_where_unknown(self._groups['gt_instances'].array(name))
        rule = f'{name}_heuristic'
        if not self.count_heuristic and self.has('gt_instances', rule):
            flags = self._groups['gt_instances'].flags(rule, len(labels))
            labels[flags] = np.nan
        return labels if np.isfinite(labels).any() else None

    def object_answers(self, name: str) -> np.ndarray | None:
        """(G, ...) answers for the true objects, nan where none; None without head."""
        if not self.has('pred_instances', name):
            return None
        values = self._groups['pred_instances'].array(name).astype(np.float64)
        if len(values) != self.num_detections:
            raise self.error(
                'pred_instances',
                name,
                f'{len(values)} answers for {self.num_detections} detections',
            )
        answers = np.full((len(self.found_by), *values.shape[1:]), np.nan)
        found = self.found_by >= 0
        answers[found] = values[self.found_by[found]]
        return answers

    @cached_property
    def _unavailable(self) -> tuple[str, ...]:
        """Starts of the answers that their head calls not available, as without sound.

        Such a head says so in ``<task>_available``.
        """
        fields, mark = self._groups['pred_tasks'], '_available'
        names = [name for name in fields.fields if name.endswith(mark)]
        return tuple(
            f'{name.removesuffix(mark)}_' for name in names if not fields.any(name)
        )

    @cached_property
    def num_detections(self) -> int:
        """Detections of the sample, whatever their scores."""
        return len(self._groups['pred_instances'].array('bboxes'))

    @cached_property
    def found_by(self) -> np.ndarray:
        """(G,) int64: the detection that answers for each true object, -1 for none."""
        objects = read_objects(self.sample, self.gt_scale)
        if objects is None:
            return np.empty(0, dtype=np.int64)
        detections = read_detections(self.sample)
        scores = np.where(
            detections.scores >= self.score_thr, detections.scores, -np.inf
        )
        kept = np.flatnonzero(np.isfinite(scores))
        found = match_boxes(
            detections.boxes[kept], scores[kept], objects.boxes, self.iou_thr
        )
        return np.where(found >= 0, kept[found] if kept.size else -1, -1)

    def without_padding(self, maps: np.ndarray) -> np.ndarray:
        """(K, H, W) maps of the batch's size cut to the image; others as they are."""
        image, padded = self._shapes
        if image is None or maps.shape[1:] != padded:
            return maps
        return maps[:, : image[0], : image[1]]

    def covered_share(
        self, name: str, size: tuple[int, ...], cell_px: int
    ) -> tuple[float, float]:
        """Shares of the network's input, in height and width, that a label covers.

        Args:
            name: Field of ``gt_tasks``, for the message.
            size: Rows and columns of the label, without padding.
            cell_px: Pixels of the network's input from one to the next.

        Raises:
            ValueError: If so many do not cover the image up to a part of a cell.
        """
        image, padded = self._shapes
        if image is None or padded is None:
            return 1.0, 1.0
        covered = size[0] * cell_px, size[1] * cell_px
        if any(not 0 <= a - b < cell_px for a, b in zip(image, covered, strict=True)):
            raise self.error(
                'gt_tasks',
                name,
                f'{size} cells of {cell_px} px do not cover an image of {image}',
            )
        return covered[0] / padded[0], covered[1] / padded[1]

    @cached_property
    def _shapes(self) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
        """Height and width of the image and of the padded input; None if unknown."""
        shapes = self.sample.get('img_shape'), self.sample.get('batch_input_shape')
        image, padded = (shape and tuple(shape[:2]) for shape in shapes)
        return image, padded


def _nan_where_unknown(values: np.ndarray) -> np.ndarray:
    """Float64 with nan for negative whole numbers; of other dtypes as they are."""
    unknown = values < 0 if values.dtype.kind == 'i' else np.zeros(values.shape, bool)
    return np.where(unknown, np.nan, values.astype(np.float64))
