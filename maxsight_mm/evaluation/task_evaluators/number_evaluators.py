"""Judges numbers, of the image or of its objects: error and order."""

from collections.abc import Sequence

import numpy as np

from ..functional.ranking import average_precision, prevalence
from ..functional.regression import (
    angular_error_deg,
    constant_angular_error_deg,
    mean_absolute_error,
    median_absolute_error,
)
from ..functional.uncertainty import spearman_correlation
from .task_evaluator import UNLABELLED, Figure, Record, TaskEvaluator, stacked
from .task_view import TaskView

NAN = float('nan')


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


class SeverityEvaluator(TaskEvaluator):
    """K expected severities an image, of which most are 0.

    The root mean square error, which an expected value makes least, against that of
    each one's mean; and how well each finds the images in which it is above 0.
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
        truth, answers = (
            np.concatenate(data).astype(np.float64).transpose(1, 2, 0)
            if data
            else np.empty((2, 0, 0))
        )
        errors, ranked = [], []
        for wanted, score in zip(truth, answers, strict=True):
            known = np.isfinite(wanted)
            wanted, score = wanted[known], score[known]
            if not known.any():
                continue
            errors.append(
                (
                    np.square(score - wanted).mean(),
                    np.square(wanted - wanted.mean()).mean(),
                )
            )
            present = wanted > 0
            if present.any():
                ranked.append((average_precision(score, present), prevalence(present)))
        error, of_means = np.sqrt(np.mean(errors or [(NAN, NAN)], axis=0)).tolist()
        value, chance = np.mean(ranked or [(NAN, NAN)], axis=0).tolist()
        return [
            Figure('mean_average_precision', value, chance, 'prevalence', True),
            Figure('rmse', error, of_means, 'means', False),
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
