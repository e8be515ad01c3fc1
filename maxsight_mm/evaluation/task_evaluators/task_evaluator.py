"""What judges one task: what it keeps of an image, and the figures it makes of it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .task_view import TaskView


class Figure(NamedTuple):
    """One figure of a task beside that of an answer without looking.

    ``value`` and ``baseline`` are nan where nothing could be judged; ``against``
    names the baseline.
    """

    metric: str
    value: float
    baseline: float
    against: str
    higher_is_better: bool

    @property
    def margin(self) -> float:
        """By how much the value is better than the baseline; negative if worse."""
        gap = self.value - self.baseline
        return gap if self.higher_is_better else -gap


class Record(NamedTuple):
    """What is kept of one image: small arrays, strings, numbers.

    ``data`` is None where nothing is judged. ``cases`` are judged, ``unanswered``
    are labelled but have no answer: a missed object, or an image whose context was
    unavailable.
    """

    data: Any
    cases: int
    unanswered: int = 0


UNLABELLED = Record(None, 0)


class TaskEvaluator(ABC):
    """Reads a task's labels and answers from a sample and judges them together.

    Args:
        label: Field of ``gt_tasks`` or ``gt_instances``.
        answer: Field of ``pred_tasks`` or ``pred_instances``.
    """

    def __init__(self, label: str, answer: str) -> None:
        self.label = label
        self.answer = answer

    @property
    def answers(self) -> tuple[str, ...]:
        """Fields that show that a model has this head."""
        return (self.answer,)

    @abstractmethod
    def read(self, view: TaskView) -> Record:
        """What is judged of one image."""

    @abstractmethod
    def figures(self, data: Sequence[Any]) -> list[Figure]:
        """Figures of the ``data`` of all judged images, also of none."""


def stacked(data: Sequence[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """Rows of all images, (N, *shape) float64, also of none."""
    return np.concatenate([np.empty((0, *shape)), *data])
