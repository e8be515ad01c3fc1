"""Safety answers: distance zones, urgencies, and above all false reassurance."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from numpy.typing import ArrayLike

from maxsight_mm.registry import METRICS
from maxsight_mm.taxonomy.levels import URGENCIES, ZONES

from ..functional.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    majority_accuracy,
)
from ..functional.matching import match_boxes
from ..functional.safety import (
    MISSED,
    UNANSWERED,
    FalseReassurance,
    false_reassurance,
)
from ..report_tables import LABELS_JUDGED, confusion_table, dump_json, text_table
from ..sample_reader import (
    GT_SCALES,
    is_image_urgency_heuristic,
    read_detections,
    read_image_urgency,
    read_objects,
    read_urgency_answer,
)

# task -> names of its levels
TASKS = {'zone': ZONES, 'object_urgency': URGENCIES, 'image_urgency': URGENCIES}


@METRICS.register_module()
class SafetyMetric(BaseMetric):
    """Zone and urgency accuracy, and the rates of false reassurance.

    **Objects** are matched by box alone: detections with ``score >= score_thr``, the
    highest first, each take the free object they overlap most (IoU at least
    ``iou_thr``), whatever their class. Zone and urgency are judged on found objects;
    objects that none found are *missed* and counted apart.

    The image's answer is ``pred_tasks.urgency``, else the best-scored level.

    **Heuristic labels** (zones and urgencies that a rule of thumb filled in) are left
    out and counted: agreement with a rule says nothing about the world.

    **False reassurance.** A hazard is an image or object whose true urgency is
    warning or danger. *Image*: the share of hazard images answered 'safe'.
    *Object*: the share of hazard objects that are missed or answered 'safe'; both
    parts are given too. Hazards without an urgency answer (the model has no such
    head, or it was unavailable) are left out of the image rate and counted; the
    object rate is nan as soon as a found hazard has no answer, since misses alone
    would pass for the whole. ``*_upper95`` is the exact one-sided 95 % bound
    (Clopper-Pearson): what can be claimed from this many hazards.

    Returned keys, for ``<task>`` in ``zone``, ``object_urgency``,
    ``image_urgency``: ``<task>_accuracy``, ``<task>_balanced_accuracy``, and
    ``<task>_majority_accuracy`` (always answering the most common level of the same
    cases); ``missed_rate`` of all objects; ``image_false_reassurance``,
    ``object_false_reassurance``, each with ``_upper95``; ``object_hazard_missed``,
    ``object_hazard_called_safe``; ``hazard_images``, ``hazard_objects`` (judged).
    A rate is nan where nothing is labelled or answered; it is never a made-up 0.

    Args:
        score_thr: Operating score threshold.
        iou_thr: Least overlap of a detection that finds an object.
        gt_scale: Scale of the ground-truth boxes, see ``read_objects``.
        count_heuristic: Judge against heuristic labels too; tables and JSON say so.
        outfile_prefix: Where given, ``{outfile_prefix}.safety.json`` receives the
            confusion matrices, baselines and counts.
        collect_device: See ``mmengine.evaluator.BaseMetric``.
        prefix: See ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'safety'

    def __init__(
        self,
        score_thr: float = 0.3,
        iou_thr: float = 0.5,
        gt_scale: str = 'network',
        count_heuristic: bool = False,
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if gt_scale not in GT_SCALES:
            raise ValueError(f'gt_scale must be one of {GT_SCALES}, got {gt_scale!r}')
        self.score_thr = score_thr
        self.iou_thr = iou_thr
        self.gt_scale = gt_scale
        self.count_heuristic = count_heuristic
        self.outfile_prefix = outfile_prefix

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep each image's true levels, the answers and the heuristic marks."""
        for sample in data_samples:
            answer = read_urgency_answer(sample)
            record = {
                'image_urgency': _cases(
                    [read_image_urgency(sample)],
                    [UNANSWERED if answer is None else answer],
                    [is_image_urgency_heuristic(sample)],
                ),
                'zone': _cases([], [], []),
                'object_urgency': _cases([], [], []),
            }
            objects = read_objects(sample, self.gt_scale)
            if objects is not None:
                detections = read_detections(sample)
                detections = detections[detections.scores >= self.score_thr]
                found_by = match_boxes(
                    detections.boxes, detections.scores, objects.boxes, self.iou_thr
                )
                record['zone'] = _cases(
                    objects.zones,
                    _answers(found_by, detections.zones),
                    objects.zones_heuristic,
                )
                record['object_urgency'] = _cases(
                    objects.urgencies,
                    _answers(found_by, detections.urgencies),
                    objects.urgencies_heuristic,
                )
            self.results.append(record)

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate the collected images."""
        cases = {
            task: np.concatenate(
                [_cases([], [], []), *(r[task] for r in results)], axis=1
            )
            for task in TASKS
        }
        pairs = {task: _pairs(cases[task], self.count_heuristic) for task in TASKS}
        confusions = {task: _confusion(pairs[task], task) for task in TASKS}
        image = false_reassurance(*pairs['image_urgency'])
        objects = false_reassurance(*pairs['object_urgency'])
        metrics = {}
        for task, confusion in confusions.items():
            metrics[f'{task}_accuracy'] = accuracy(confusion)
            metrics[f'{task}_balanced_accuracy'] = balanced_accuracy(confusion)
            metrics[f'{task}_majority_accuracy'] = majority_accuracy(confusion)
        metrics |= {
            'missed_rate': _missed_rate(pairs['zone'][1]),
            'image_false_reassurance': image.rate,
            'image_false_reassurance_upper95': image.upper_bound(),
            'object_false_reassurance': _if_answered(objects, objects.rate),
            'object_false_reassurance_upper95': _if_answered(
                objects, objects.upper_bound()
            ),
            'object_hazard_missed': _if_answered(objects, objects.missed_rate),
            'object_hazard_called_safe': _if_answered(
                objects, objects.called_safe_rate
            ),
            'hazard_images': image.num_hazards,
            'hazard_objects': objects.num_hazards,
        }
        counts = {
            task: _counts(pairs[task], heuristic=cases[task][2].astype(bool))
            for task in TASKS
        }
        self._log(metrics, confusions, counts, {'image': image, 'object': objects})
        if self.outfile_prefix is not None:
            report = {
                'settings': {
                    'score_thr': self.score_thr,
                    'iou_thr': self.iou_thr,
                    'count_heuristic': self.count_heuristic,
                },
                'labels': LABELS_JUDGED[self.count_heuristic],
                'metrics': metrics,
                'levels': TASKS,
                'confusion': confusions,
                'counts': counts,
                'false_reassurance': {
                    'image': image._asdict(),
                    'object': objects._asdict(),
                },
            }
            dump_json(report, f'{self.outfile_prefix}.safety.json')
        return metrics

    def _log(
        self,
        metrics: dict[str, float],
        confusions: dict[str, np.ndarray],
        counts: dict[str, dict[str, int]],
        reassurance: dict[str, FalseReassurance],
    ) -> None:
        header = ['task', 'accuracy', 'balanced', 'majority', *counts['zone']]
        kinds = ('accuracy', 'balanced_accuracy', 'majority_accuracy')
        rows = [
            [
                task,
                *(metrics[f'{task}_{kind}'] for kind in kinds),
                *counts[task].values(),
            ]
            for task in TASKS
        ]
        title = (
            f'Safety (scores >= {self.score_thr}, IoU >= {self.iou_thr}, '
            f'{LABELS_JUDGED[self.count_heuristic]})'
        )
        tables = [text_table(title, header, rows)]
        rates = [
            [
                kind,
                *hazards,
                metrics[f'{kind}_false_reassurance'],
                metrics[f'{kind}_false_reassurance_upper95'],
            ]
            for kind, hazards in reassurance.items()
        ]
        header = ['of', 'hazards', 'missed', 'called safe', 'unanswered', 'rate']
        tables.append(text_table('False reassurance', [*header, 'upper 95 %'], rates))
        tables += [
            confusion_table(task, confusion, TASKS[task])
            for task, confusion in confusions.items()
            if confusion.any()
        ]
        print_log(''.join(tables), logger='current')


def _cases(truth: ArrayLike, answers: ArrayLike, heuristic: ArrayLike) -> np.ndarray:
    """(3, n) int8: true levels (-1 unlabelled), answers, is the truth heuristic?"""
    return np.array([truth, answers, heuristic], dtype=np.int8).reshape(3, -1)


def _pairs(cases: np.ndarray, count_heuristic: bool) -> np.ndarray:
    """(2, n) true levels to judge by (-1 none) over answers."""
    truth, answers, heuristic = cases
    if not count_heuristic:
        truth = np.where(heuristic, -1, truth)
    return np.stack([truth, answers])


def _answers(found_by: np.ndarray, levels: np.ndarray | None) -> np.ndarray:
    """(G,) the level each object was answered with, MISSED or UNANSWERED."""
    answers = np.full(len(found_by), MISSED)
    found = found_by >= 0
    answers[found] = UNANSWERED if levels is None else levels[found_by[found]]
    return answers


def _confusion(pairs: np.ndarray, task: str) -> np.ndarray:
    truth, answers = pairs[:, (pairs >= 0).all(axis=0)]
    return confusion_matrix(truth, answers, len(TASKS[task]))


def _counts(pairs: np.ndarray, heuristic: np.ndarray) -> dict[str, int]:
    """Cases by what became of them; counted heuristic ones are among the judged."""
    truth, answers = pairs
    labelled = truth >= 0
    return {
        'judged': int((labelled & (answers >= 0)).sum()),
        'missed': int((labelled & (answers == MISSED)).sum()),
        'unanswered': int((labelled & (answers == UNANSWERED)).sum()),
        'unlabelled': int((~labelled & ~heuristic).sum()),
        'heuristic': int(heuristic.sum()),
    }


def _missed_rate(answers: np.ndarray) -> float:
    return float((answers == MISSED).mean()) if answers.size else float('nan')


def _if_answered(counts: FalseReassurance, rate: float) -> float:
    return float('nan') if counts.num_unanswered else rate
