"""A detection sample that also carries the labels and answers of every task.

Per-object labels live on ``gt_instances`` beside the boxes (``zones``,
``urgencies``, ...); labels of the whole image live on ``gt_tasks``; dense maps
are ``PixelData`` fields of ``gt_tasks``. A missing field means *unlabelled*: it
costs nothing in training and is left out of every metric.
"""

from mmdet.structures import DetDataSample
from mmengine.structures import BaseDataElement


class TaskSample(DetDataSample):
    """``DetDataSample`` plus ``gt_tasks`` and ``pred_tasks``."""

    @property
    def gt_tasks(self) -> BaseDataElement:
        """Labels of the whole image, one field a task."""
        return self._gt_tasks

    @gt_tasks.setter
    def gt_tasks(self, value: BaseDataElement) -> None:
        self.set_field(value, '_gt_tasks', dtype=BaseDataElement)

    @gt_tasks.deleter
    def gt_tasks(self) -> None:
        del self._gt_tasks

    @property
    def pred_tasks(self) -> BaseDataElement:
        """Answers for the whole image, one field a task."""
        return self._pred_tasks

    @pred_tasks.setter
    def pred_tasks(self, value: BaseDataElement) -> None:
        self.set_field(value, '_pred_tasks', dtype=BaseDataElement)

    @pred_tasks.deleter
    def pred_tasks(self) -> None:
        del self._pred_tasks
