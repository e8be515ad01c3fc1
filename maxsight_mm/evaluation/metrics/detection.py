"""Detection quality: COCO average precision, and precision, recall and F1 in use."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from maxsight_mm.registry import METRICS

from ..functional.coco_ap import coco_average_precision
from ..functional.detection import (
    best_f1_point,
    operating_point,
    precision_recall_curve,
    sampled_precision,
)
from ..functional.matching import match_classwise
from ..report_tables import dump_json, text_table
from ..sample_reader import GT_SCALES, read_detections, read_objects

CLASS_KEYS = ('AP', 'AP50', 'AP75', 'precision', 'recall', 'F1')


@METRICS.register_module()
class DetectionMetric(BaseMetric):
    """Average precision per class, and precision, recall and F1 at a threshold.

    Returned keys: ``mAP``, ``AP50``, ``AP75``, ``AP_small``, ``AP_medium``,
    ``AP_large``; ``precision``, ``recall`` and ``F1`` at ``score_thr`` and IoU 0.5;
    ``best_F1``, at the threshold that is best for each class on this data; all means
    over the classes that have objects, and nan where none has. For each class with
    objects: ``AP/<class>``, ``AP50/<class>``, ``AP75/<class>``,
    ``precision/<class>``, ``recall/<class>``, ``F1/<class>``. Images without box
    labels are left out and counted in ``unlabelled_images``.

    Args:
        score_thr: Operating score threshold.
        max_dets: Detections judged per image and class.
        backend: COCO arithmetic, see ``coco_average_precision``.
        gt_scale: Scale of the ground-truth boxes, see ``read_objects``.
        outfile_prefix: Where given, ``{outfile_prefix}.det.json`` receives the rows
            of all classes and their precision-recall curves (IoU 0.5, 101 recalls).
        collect_device: See ``mmengine.evaluator.BaseMetric``.
        prefix: See ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'det'

    def __init__(
        self,
        score_thr: float = 0.3,
        max_dets: int = 100,
        backend: str = 'auto',
        gt_scale: str = 'network',
        outfile_prefix: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if gt_scale not in GT_SCALES:
            raise ValueError(f'gt_scale must be one of {GT_SCALES}, got {gt_scale!r}')
        self.score_thr = score_thr
        self.max_dets = max_dets
        self.backend = backend
        self.gt_scale = gt_scale
        self.outfile_prefix = outfile_prefix

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep each image's boxes and their outcomes; None where unlabelled."""
        for sample in data_samples:
            objects = read_objects(sample, self.gt_scale)
            if objects is None:
                self.results.append(None)
                continue
            detections = read_detections(sample)
            record = {
                'boxes': detections.boxes,
                'scores': detections.scores,
                'labels': detections.labels,
                'gt_boxes': objects.boxes,
                'gt_labels': objects.labels,
                'ignored_boxes': objects.ignored_boxes,
                'ignored_labels': objects.ignored_labels,
            }
            self._check_labels(record, sample.get('img_id'))
            record['outcome'] = match_classwise(
                detections.boxes,
                detections.scores,
                detections.labels,
                objects.boxes,
                objects.labels,
                objects.ignored_boxes,
                objects.ignored_labels,
                max_dets=self.max_dets,
            )
            self.results.append(record)

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate the collected images."""
        images = [record for record in results if record is not None]
        rows, curves = self._class_rows(images)
        metrics = _means(rows)
        metrics['unlabelled_images'] = len(results) - len(images)
        print_log(self._table(rows, metrics), logger='current')
        if self.outfile_prefix is not None:
            dump_json(
                {
                    'settings': {
                        'score_thr': self.score_thr,
                        'max_dets': self.max_dets,
                    },
                    'metrics': metrics,
                    'images': len(images),
                    'classes': rows,
                    'pr_curves_iou50': curves,
                },
                f'{self.outfile_prefix}.det.json',
            )
        for row in rows:
            if row['objects']:
                metrics |= {f'{key}/{row["class"]}': row[key] for key in CLASS_KEYS}
        return metrics

    @property
    def _classes(self) -> Sequence[str]:
        classes = (self.dataset_meta or {}).get('classes')
        if not classes:
            raise ValueError("DetectionMetric needs dataset_meta['classes']")
        return classes

    def _check_labels(self, record: dict[str, np.ndarray], image: Any) -> None:
        num_classes = len(self._classes)
        for name in ('labels', 'gt_labels', 'ignored_labels'):
            labels = record[name]
            if labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
                raise ValueError(
                    f'image {image!r}: {name}: expected classes in '
                    f'[0, {num_classes}), got {labels.min()} to {labels.max()}'
                )

    def _class_rows(self, images: list[dict]) -> tuple[list[dict], list[dict]]:
        """One row of figures and one sampled curve per class."""
        ap = coco_average_precision(
            images, len(self._classes), self.max_dets, self.backend
        )
        scores, labels, outcome, gt_labels = (
            np.concatenate([np.empty(0), *(image[name] for image in images)])
            for name in ('scores', 'labels', 'outcome', 'gt_labels')
        )
        rows, curves = [], []
        for index, name in enumerate(self._classes):
            mine = labels == index
            num_objects = int((gt_labels == index).sum())
            judged = scores[mine], outcome[mine], num_objects
            curve = precision_recall_curve(*judged)
            used, best = operating_point(*judged, self.score_thr), best_f1_point(curve)
            rows.append(
                {
                    'class': name,
                    'objects': num_objects,
                    'detections': int((scores[mine] >= self.score_thr).sum()),
                    **{key: float(values[index]) for key, values in ap.items()},
                    'precision': used.precision,
                    'recall': used.recall,
                    'F1': used.f1,
                    'best_F1': best.f1,
                    'best_thr': best.threshold,
                }
            )
            curves.append({'class': name, 'precision': sampled_precision(curve)})
        return rows, curves

    def _table(self, rows: list[dict], metrics: dict[str, float]) -> str:
        keys = (
            'AP',
            'AP50',
            'AP75',
            'precision',
            'recall',
            'F1',
            'best_F1',
            'best_thr',
        )
        header = ['class', 'objects', 'detections', *keys]
        body = [[row[key] for key in header] for row in rows]
        mean = {**metrics, 'AP': metrics['mAP'], 'best_thr': float('nan')}
        total = [sum(row[key] for row in rows) for key in ('objects', 'detections')]
        body.append(['all', *total, *(mean[key] for key in keys)])
        title = f'Detection (scores >= {self.score_thr}, IoU 0.5 for P, R and F1)'
        return text_table(title, header, body)


def _means(rows: list[dict]) -> dict[str, float]:
    """Mean of each figure over the classes where it is defined; nan if none."""

    def mean(key: str) -> float:
        values = [row[key] for row in rows if not np.isnan(row[key])]
        return float(np.mean(values)) if values else float('nan')

    keys = ('AP50', 'AP75', 'AP_small', 'AP_medium', 'AP_large')
    scores = ('precision', 'recall', 'F1', 'best_F1')
    return {'mAP': mean('AP'), **{key: mean(key) for key in (*keys, *scores)}}
