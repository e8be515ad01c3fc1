"""Answers of the context heads, each beside what an answer without looking earns."""

import difflib
from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from maxsight_mm.registry import METRICS

from ..report_tables import LABELS_JUDGED, dump_json, text_table
from ..sample_reader import GT_SCALES
from ..task_evaluators import TASK_EVALUATORS, Figure, TaskView


@METRICS.register_module()
class TaskMetric(BaseMetric):
    """Every context head whose answers and labels are in the samples.

    Which labels, answers and figures belong to a task stands in ``TASK_EVALUATORS``.
    An answer for an object is that of the detection that found it: detections with
    ``score >= score_thr``, the highest first, each take the free object they overlap
    most (IoU at least ``iou_thr``), whatever their class. Objects that none found,
    and images for which a head gave nothing though it did for others, are
    *unanswered*: they enter no figure and are counted.

    A **baseline** is the best answer that does not look at the image (the median, the
    majority class, no motion, ...), chosen on the judged labels themselves, which
    makes it harder to beat than one chosen in training. The margin is positive
    where the head is better, for errors too.

    Returned keys: ``<task>/<metric>`` and ``<task>/<metric>_baseline``, for the
    tasks that some sample answers; nan where nothing is labelled.

    Args:
        tasks: Tasks to judge, whether answered or not; None for all that are.
        score_thr: Operating score threshold of the detections.
        iou_thr: Least overlap of a detection that answers for an object.
        gt_scale: Scale of the ground-truth boxes, see ``read_objects``.
        count_heuristic: Judge against heuristic labels too; table and JSON say so.
        outfile_prefix: Where given, ``{outfile_prefix}.tasks.json`` receives all
            figures, baselines and counts; ``tools/analysis_tools/head_table.py``
            reads it.
        collect_device: See ``mmengine.evaluator.BaseMetric``.
        prefix: See ``mmengine.evaluator.BaseMetric``.

    Raises:
        ValueError: If a task or ``gt_scale`` is unknown; when samples are read, if
            an answer is not finite or does not fit its label.
    """

    default_prefix = 'tasks'

    def __init__(
        self,
        tasks: Sequence[str] | None = None,
        score_thr: float = 0.3,
        iou_thr: float = 0.5,
        gt_scale: str = 'network',
        count_heuristic: bool = False,
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        for task in tasks or ():
            if task not in TASK_EVALUATORS:
                near = difflib.get_close_matches(task, TASK_EVALUATORS, 1, cutoff=0)
                raise ValueError(f'no task {task!r}; did you mean {near[0]!r}?')
        if gt_scale not in GT_SCALES:
            raise ValueError(f'gt_scale must be one of {GT_SCALES}, got {gt_scale!r}')
        self.tasks = None if tasks is None else tuple(tasks)
        self.score_thr = score_thr
        self.iou_thr = iou_thr
        self.gt_scale = gt_scale
        self.count_heuristic = count_heuristic
        self.outfile_prefix = outfile_prefix

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what each task's evaluator needs of each image."""
        for sample in data_samples:
            view = TaskView(
                sample,
                self.score_thr,
                self.iou_thr,
                self.gt_scale,
                self.count_heuristic,
            )
            kept = {}
            for task in self.tasks or TASK_EVALUATORS:
                evaluator = TASK_EVALUATORS[task]
                # A plain tuple: the records travel between processes.
                record = tuple(evaluator.read(view))
                is_answered = any(map(view.answers, evaluator.answers))
                if is_answered or record[1] or record[2]:
                    kept[task] = (*record, is_answered)
            self.results.append(kept)

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate the collected images."""
        report = {
            task: self._judge(task, results)
            for task in TASK_EVALUATORS
            if task in (self.tasks or ())
            or any(task in kept and kept[task][3] for kept in results)
        }
        metrics = {}
        for task, judged in report.items():
            for figure in judged['figures']:
                metrics[f'{task}/{figure.metric}'] = figure.value
                metrics[f'{task}/{figure.metric}_baseline'] = figure.baseline
        self._log(report)
        if self.outfile_prefix is not None:
            self._dump(report, metrics)
        return metrics

    @staticmethod
    def _judge(task: str, results: list) -> dict[str, Any]:
        records = [kept[task] for kept in results if task in kept]
        data = [record[0] for record in records if record[0] is not None]
        return {
            'cases': sum(record[1] for record in records),
            'unanswered': sum(record[2] for record in records),
            'figures': TASK_EVALUATORS[task].figures(data),
        }

    def _log(self, report: dict[str, dict]) -> None:
        header = ['task', 'metric', 'value', 'baseline', 'which is', 'margin']
        rows = [
            [
                *(task, figure.metric, figure.value, figure.baseline),
                *(figure.against, figure.margin),
                *(judged['cases'], judged['unanswered']),
            ]
            for task, judged in report.items()
            for figure in judged['figures']
        ]
        title = (
            f'Context tasks (scores >= {self.score_thr}, IoU >= {self.iou_thr}, '
            f'{LABELS_JUDGED[self.count_heuristic]})'
        )
        table = text_table(title, [*header, 'cases', 'unanswered'], rows)
        print_log(table, logger='current')

    def _dump(self, report: dict[str, dict], metrics: dict[str, float]) -> None:
        settings = {
            'score_thr': self.score_thr,
            'iou_thr': self.iou_thr,
            'count_heuristic': self.count_heuristic,
        }
        tasks = {
            task: {**judged, 'figures': [_as_dict(f) for f in judged['figures']]}
            for task, judged in report.items()
        }
        content = {
            'settings': settings,
            'labels': LABELS_JUDGED[self.count_heuristic],
            'metrics': metrics,
            'tasks': tasks,
        }
        dump_json(content, f'{self.outfile_prefix}.tasks.json')


def _as_dict(figure: Figure) -> dict[str, Any]:
    return {**figure._asdict(), 'margin': figure.margin}
