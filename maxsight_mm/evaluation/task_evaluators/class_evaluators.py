"""Judges classes and yes-or-no answers, of the image or of its objects."""

from collections.abc import Sequence

import numpy as np

from ..functional.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    majority_accuracy,
)
from ..functional.ranking import average_precision, prevalence
from .task_evaluator import UNLABELLED, Figure, Record, TaskEvaluator, stacked
from .task_view import TaskView

NAN = float('nan')


class ClassEvaluator(TaskEvaluator):
    """One of several classes: accuracy, and balanced over the classes that occur."""

    def read(self, view: TaskView) -> Record:
        label = view.label(self.label)
        if label is None:
            return UNLABELLED
        answer = view.answer(self.answer, label.shape)
        if answer is None:
            return Record(None, 0, 1)
        return Record(np.stack([label.ravel(), answer.ravel()], axis=1), label.size)

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        pairs = stacked(data, (2,)).astype(np.int64)
        truth, answers = pairs[:, 0], pairs[:, 1]
        levels = int(max(truth.max(), answers.max())) + 1 if len(truth) else 1
        confusion = confusion_matrix(truth, answers, levels)
        one_of = 1 / len(np.unique(truth)) if len(truth) else NAN
        return [
            Figure(
                'accuracy',
                accuracy(confusion),
                majority_accuracy(confusion),
                'majority class',
                True,
            ),
            Figure(
                'balanced_accuracy',
                balanced_accuracy(confusion),
                one_of,
                'majority class',
                True,
            ),
        ]


class YesNoEvaluator(TaskEvaluator):
    """K yes-or-no questions, each with a score: mean average precision.

    The mean is over the questions with a positive label; against it stands what
    equal scores would earn, the share of positives. With ``decisions`` the balanced
    accuracy is given too, against 0.5, over the questions whose labels are not all
    equal.

    Args:
        answer: Field of the scores.
        decisions: Field of the decided answers, 0 or 1.
        per_object: Labels and answers belong to objects.
    """

    def __init__(
        self,
        label: str,
        answer: str,
        decisions: str | None = None,
        per_object: bool = False,
    ) -> None:
        super().__init__(label, answer)
        self.decisions = decisions
        self.per_object = per_object

    def read(self, view: TaskView) -> Record:
        label = (view.object_labels if self.per_object else view.label)(self.label)
        if label is None:
            return UNLABELLED
        columns = [label]
        for name in (self.answer, self.decisions):
            if name is None:
                continue
            if self.per_object:
                values = view.object_answers(name)
            else:
                values = view.answer(name, label.shape)
            if values is None and name == self.answer:
                asked = len(label) if self.per_object else 1
                return Record(None, 0, asked)
            columns.append(np.full(label.shape, np.nan) if values is None else values)
        rows = np.stack(columns)
        # (columns, K) of an image or (columns, G) of its objects -> (N, K, columns)
        rows = rows[..., None] if self.per_object else rows.reshape(len(rows), 1, -1)
        rows = rows.transpose(1, 2, 0).astype(np.float32)
        if not self.per_object:
            return Record(rows, 1)
        known = np.isfinite(rows[:, 0, 0])
        rows = rows[known & np.isfinite(rows[:, 0, 1])]
        return Record(rows, len(rows), int(known.sum()) - len(rows))

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        shape = (1, 2 if self.decisions is None else 3)
        rows = np.concatenate(data) if data else np.empty((0, *shape))
        questions = [
            column[np.isfinite(column[:, 0])] for column in rows.swapaxes(0, 1)
        ]
        ranked = [
            (average_precision(q[:, 1], q[:, 0] > 0.5), prevalence(q[:, 0] > 0.5))
            for q in questions
            if (q[:, 0] > 0.5).any()
        ]
        name = 'average_precision' if len(questions) == 1 else 'mean_average_precision'
        value, chance = np.mean(ranked, axis=0).tolist() if ranked else (NAN, NAN)
        figures = [Figure(name, value, chance, 'prevalence', True)]
        if self.decisions is not None:
            decided = [q[np.isfinite(q[:, 2])] for q in questions]
            balanced = [
                balanced_accuracy(confusion_matrix(q[:, 0] > 0.5, q[:, 2] > 0.5, 2))
                for q in decided
                if len(np.unique(q[:, 0])) > 1
            ]
            value, chance = (float(np.mean(balanced)), 0.5) if balanced else (NAN, NAN)
            figures.append(
                Figure('balanced_accuracy', value, chance, 'always the same', True)
            )
        return figures
