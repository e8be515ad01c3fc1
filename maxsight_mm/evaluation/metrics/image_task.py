"""Answers about a whole image, task by task: which class is it?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from maxsight_mm.engine.file_mark import file_mark
from maxsight_mm.registry import METRICS

from ..functional.classification import (
    ClassScores,
    accuracy,
    balanced_accuracy,
    class_scores,
    confusion_matrix,
    macro_mean,
    majority_accuracy,
)
from ..functional.temperature import ACTIVATIONS, activate
from ..report_tables import confusion_table, text_table
from ..sample_reader import SampleFields
from ..task_predictions import write_predictions

# Scores in half precision differ from their float64 logits by less than this.
_SAME_SCORE = 0.01


@METRICS.register_module()
class ImageTaskMetric(BaseMetric):
    """Classes of the whole image, for every task in ``dataset_meta['tasks']``.

    The answer is ``pred_tasks.<task>``. An image without a label of a task, or
    without an answer to it, is left out of that task's figures and counted.

    Returned keys, under ``tasks/<task>/``: ``accuracy``; ``balanced_accuracy`` (mean
    recall over the classes that occur) and ``majority_accuracy`` (always answering
    the most common class of the same images); ``macro_f1``, the mean over the classes
    that occur or are answered; ``recall/<class>`` and ``precision/<class>``; the
    counts ``images`` (judged), ``unlabelled`` and ``unanswered``. A figure without
    cases is nan: the recall of a class that does not occur, the precision of one that
    is never answered.

    Args:
        out_file: Where given, the ``predictions.json`` that
            ``tools/analysis_tools/classification_report.py`` reads; it needs
            ``pred_tasks.<task>_logits`` and ``<task>_scores``, and tells softmax from
            sigmoid by these.
        checkpoint: File whose SHA-256 marks the model in ``out_file``.
        collect_device: See ``mmengine.evaluator.BaseMetric``.
        prefix: See ``mmengine.evaluator.BaseMetric``.

    Raises:
        ValueError: If ``dataset_meta`` names no tasks, a label or an answer is no
            class of its task, or, with ``out_file``, logits are missing, not finite,
            or not those of the scores.
    """

    default_prefix = 'tasks'

    def __init__(
        self,
        out_file: str | Path | None = None,
        checkpoint: str | Path | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.out_file = out_file
        self.checkpoint = checkpoint

    @property
    def tasks(self) -> Mapping[str, Sequence[str]]:
        """Task -> names of its classes."""
        tasks = (self.dataset_meta or {}).get('tasks')
        if not tasks:
            raise ValueError(
                "ImageTaskMetric: dataset_meta['tasks'] names no task; does the data "
                'set give class names by task?'
            )
        return tasks

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep label and answer of each task (-1 for none), and what the file needs."""
        for sample in data_samples:
            labels = SampleFields(sample, 'gt_tasks')
            answers = SampleFields(sample, 'pred_tasks')
            record: dict[str, Any] = {'pairs': {}, 'logits': {}, 'misfit': {}}
            for task, classes in self.tasks.items():
                record['pairs'][task] = (
                    _class_of(labels, task, len(classes)),
                    answer := _class_of(answers, task, len(classes)),
                )
                if self.out_file is not None and answer >= 0:
                    logits, misfit = _logits(answers, task, len(classes))
                    record['logits'][task], record['misfit'][task] = logits, misfit
            if self.out_file is not None:
                record['img_path'] = str(sample.get('img_path', sample.get('img_id')))
                record['groups'] = dict(sample.get('groups') or {})
            self.results.append(record)

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate the collected images."""
        metrics: dict[str, float] = {}
        tables = []
        for task, classes in self.tasks.items():
            pairs = np.array([r['pairs'][task] for r in results], dtype=np.int64)
            labelled, answered = (pairs.reshape(-1, 2) >= 0).T
            judged = pairs.reshape(-1, 2)[labelled & answered]
            confusion = confusion_matrix(judged[:, 0], judged[:, 1], len(classes))
            scores = class_scores(confusion)
            figures = {
                'accuracy': accuracy(confusion),
                'balanced_accuracy': balanced_accuracy(confusion),
                'majority_accuracy': majority_accuracy(confusion),
                'macro_f1': macro_mean(scores.f1),
                'images': len(judged),
                'unlabelled': int((~labelled).sum()),
                'unanswered': int((labelled & ~answered).sum()),
            }
            tables += _tables(task, classes, figures, confusion, scores)
            for kind in ('recall', 'precision'):
                values = getattr(scores, kind).tolist()
                for name, value in zip(classes, values, strict=True):
                    figures[f'{kind}/{name}'] = value
            metrics |= {f'{task}/{name}': value for name, value in figures.items()}
        print_log(''.join(tables), logger='current')
        if self.out_file is not None:
            self._write(results, self.out_file)
        return metrics

    def _write(self, results: list[dict], path: str | Path) -> None:
        answered = [
            task for task in self.tasks if any(task in r['logits'] for r in results)
        ]
        tasks = {}
        for task in answered:
            for record in results:
                if task not in record['logits']:
                    raise ValueError(
                        f'image {record["img_path"]!r} has no answer to {task!r}, '
                        'which others have'
                    )
            misfit = np.max([record['misfit'][task] for record in results], axis=0)
            if misfit.min() > _SAME_SCORE:
                raise ValueError(
                    f'scores of {task!r} are neither softmax nor sigmoid of its logits'
                )
            tasks[task] = {
                'classes': list(self.tasks[task]),
                'activation': ACTIVATIONS[misfit.argmin()],
            }
        images = [
            {
                'img_path': record['img_path'],
                'labels': {
                    task: label
                    for task, (label, _) in record['pairs'].items()
                    if task in tasks and label >= 0
                },
                'logits': record['logits'],
                'groups': record['groups'],
            }
            for record in results
        ]
        model = None
        if self.checkpoint is not None:
            model = file_mark(self.checkpoint)
        write_predictions(path, tasks, images, model)


def _class_of(fields: SampleFields, task: str, num_classes: int) -> int:
    """Label or answer of a task, -1 for none."""
    return int(fields.levels(task, 1, num_classes)[0]) if task in fields else -1


def _logits(
    fields: SampleFields, task: str, num_classes: int
) -> tuple[list[float], list[float]]:
    """Logits (K,), and how far the scores are from those of each activation."""
    name = f'{task}_logits'
    logits = fields.finite(name, fields.array(name).astype(np.float64))
    if logits.shape != (num_classes,):
        raise fields.error(name, f'expected {num_classes} values, got {logits.shape}')
    scores = fields.unit_scores(f'{task}_scores', (num_classes,))
    misfit = [
        float(np.abs(activate(logits[None], activation)[0] - scores).max())
        for activation in ACTIVATIONS
    ]
    return logits.tolist(), misfit


def _tables(
    task: str,
    classes: Sequence[str],
    figures: Mapping[str, float],
    confusion: np.ndarray,
    scores: ClassScores,
) -> list[str]:
    columns = (confusion.sum(axis=1), *scores)
    rows = [
        [name, *values]
        for name, *values in zip(
            classes, *(column.tolist() for column in columns), strict=True
        )
    ]
    header = ['class', 'images', *scores._fields]
    return [
        text_table(f'{task}: images', list(figures), [list(figures.values())]),
        text_table(f'{task}: classes', header, rows),
        confusion_table(f'{task}: confusions', confusion, classes),
    ]
