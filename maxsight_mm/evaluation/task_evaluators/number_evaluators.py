"""Judges numbers, of the image or of its objects: error and order."""

from collections.abc import Sequence

import numpy as np

from ..functional.regression import (
    angular_error_deg,
    constant_angular_error_deg,
    mean_absolute_error,
    median_absolute_error,
)
from ..functional.uncertainty import spearman_correlation
from .task_evaluator import UNLABELLED, Figure, Record, TaskEvaluator, stacked
from .task_view import TaskView


class NumberEvaluator(TaskEvaluator):
    """Mean absolute error against the best constant, and rank correlation.

    Args:
        per_object: Labels and answers belong to objects; those that no detection
            found are unanswered.
        rank: Give the rank correlation too, against no order (0).
        name: Put before the names of the figures.
    """

    def __init__(
        self,
        label: str,
        answer: str,
        per_object: bool = False,
        rank: bool = True,
        name: str = '',
    ) -> None:
        super().__init__(label, answer)
        self.per_object = per_object
        self.rank = rank
        self.name = name

    def read(self, view: TaskView) -> Record:
        label = (view.object_labels if self.per_object else view.label)(self.label)
        if label is None:
            return UNLABELLED
        if self.per_object:
            answer = view.object_answers(self.answer)
        else:
            answer = view.answer(self.answer, label.shape)
        known = np.isfinite(label)
        if answer is None:
            return Record(None, 0, int(known.sum()))
        answered = known & np.isfinite(answer)
        pairs = np.stack([label[answered], answer[answered]], axis=1)
        judged = int(answered.sum())
        return Record(pairs, judged, int(known.sum()) - judged)

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        truth, answers = stacked(data, (2,)).T
        figures = [
            Figure(
                f'{self.name}mae',
                mean_absolute_error(answers, truth),
                median_absolute_error(truth),
                'median',
                False,
            )
        ]
        if self.rank:
            order = spearman_correlation(answers, truth)
            baseline = 0.0 if len(truth) else float('nan')
            figures.append(
                Figure(f'{self.name}spearman', order, baseline, 'no order', True)
            )
        return figures


class DirectionEvaluator(NumberEvaluator):
    """Mean angular error in degrees against the best constant direction."""

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        truth, answers = stacked(data, (2,)).T
        return [
            Figure(
                'mae_deg',
                angular_error_deg(answers, truth),
                constant_angular_error_deg(truth),
                'best direction',
                False,
            )
        ]


class VectorEvaluator(TaskEvaluator):
    """Mean absolute error of K numbers an image against each number's median.

    Both figures are means over the numbers that are labelled anywhere.
    """

    def read(self, view: TaskView) -> Record:
        label = view.label(self.label)
        if label is None:
            return UNLABELLED
        answer = view.answer(self.answer, label.shape)
        if answer is None:
            return Record(None, 0, 1)
        return Record(np.stack([label, answer]).astype(np.float32)[None], 1)

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        if not data:
            return [Figure('mae', float('nan'), float('nan'), 'medians', False)]
        truth, answers = np.concatenate(data).transpose(1, 2, 0)
        known = np.isfinite(truth)
        used = [k for k in range(len(truth)) if known[k].any()]
        error = [
            mean_absolute_error(answers[k][known[k]], truth[k][known[k]]) for k in used
        ]
        constant = [median_absolute_error(truth[k][known[k]]) for k in used]
        return [
            Figure(
                'mae', float(np.mean(error)), float(np.mean(constant)), 'medians', False
            )
        ]


class CombinedEvaluator(TaskEvaluator):
    """Several numbers of one task, each with a label and an answer of its own.

    A case is one labelled number.

    Args:
        parts: Evaluators whose figures have different names.
    """

    def __init__(self, *parts: TaskEvaluator) -> None:
        super().__init__(parts[0].label, parts[0].answer)
        self.parts = parts

    @property
    def answers(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.answers)

    def read(self, view: TaskView) -> Record:
        records = [part.read(view) for part in self.parts]
        cases = sum(record.cases for record in records)
        data = [record.data for record in records] if cases else None
        return Record(data, cases, sum(record.unanswered for record in records))

    def figures(self, data: Sequence[list]) -> list[Figure]:
        return [
            figure
            for index, part in enumerate(self.parts)
            for figure in part.figures(
                [row[index] for row in data if row[index] is not None]
            )
        ]
