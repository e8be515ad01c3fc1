"""Calibration: do scores mean what they say, and does uncertainty foresee error?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from maxsight_mm.registry import METRICS

from ..functional.calibration import (
    SCHEMES,
    calibration_bins,
    expected_calibration_error,
)
from ..functional.matching import HIT, IGNORED, match_boxes, match_classwise
from ..functional.uncertainty import (
    auroc,
    excess_risk_coverage_area,
    image_error,
    risk_coverage_area,
    spearman_correlation,
    wrong_objects,
)
from ..report_tables import LABELS_JUDGED, dump_json, text_table
from ..sample_reader import (
    GT_SCALES,
    has_heuristic_zones,
    is_image_urgency_heuristic,
    read_detections,
    read_image_urgency,
    read_objects,
    read_uncertainty,
    read_urgency_answer,
    read_urgency_scores,
)

NAN = float('nan')
SOURCES = ('class', 'urgency', 'uncertainty')


@METRICS.register_module()
class CalibrationMetric(BaseMetric):
    """Calibration of class scores, image urgency and image uncertainty.

    Three stated confidences are held against what came true:

    - ``class``: the score of each detection with ``score >= score_thr``, against
      whether it is a hit (same class, overlap ``iou_thr``; crowd regions left out);
    - ``urgency``: the largest image urgency score, against whether that level is
      right (whatever a cautious head answers);
    - ``uncertainty``: the image's uncertainty, against ``image_error`` (share of
      wrong safety answers, in [0, 1]; the urgency answered is judged there).

    Heuristic labels are left out and counted, as in ``SafetyMetric``.

    Returned keys: ``<source>_ECE`` with bins of equal width and
    ``<source>_ECE_equal_mass``; ``uncertainty_spearman`` with the error,
    ``uncertainty_AUROC`` for a wrong image urgency, ``uncertainty_AURC`` (risk: the
    error) and ``uncertainty_excess_AURC``; the counts ``<source>_cases``. A figure
    is nan where nothing is labelled or answered, or where it is undefined (the rank
    correlation of a constant).

    Args:
        score_thr: Operating score threshold.
        iou_thr: Least overlap of a detection that finds an object.
        num_bins: Largest number of calibration bins.
        gt_scale: Scale of the ground-truth boxes, see ``read_objects``.
        count_heuristic: Judge against heuristic labels too; tables and JSON say so.
        outfile_prefix: Where given, ``{outfile_prefix}.calibration.json`` receives
            all bins.
        collect_device: See ``mmengine.evaluator.BaseMetric``.
        prefix: See ``mmengine.evaluator.BaseMetric``.
    """

    default_prefix = 'calibration'

    def __init__(
        self,
        score_thr: float = 0.3,
        iou_thr: float = 0.5,
        num_bins: int = 15,
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
        self.num_bins = num_bins
        self.gt_scale = gt_scale
        self.count_heuristic = count_heuristic
        self.outfile_prefix = outfile_prefix

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep each image's confidences and outcomes; nan where not available."""
        for sample in data_samples:
            truth = read_image_urgency(sample)
            heuristic = {
                'class': False,
                'urgency': is_image_urgency_heuristic(sample),
                'uncertainty': is_image_urgency_heuristic(sample)
                or has_heuristic_zones(sample),
            }
            if heuristic['urgency'] and not self.count_heuristic:
                truth = -1
            score, best_right = _judge_scores(sample, truth)
            answer = read_urgency_answer(sample)
            wrong = None if truth < 0 or answer is None else answer != truth
            class_scores, class_hits, objects_wrong = self._judge_objects(sample)
            uncertainty = read_uncertainty(sample)
            self.results.append(
                {
                    'class_scores': class_scores,
                    'class_hits': class_hits,
                    'urgency_score': score,
                    'urgency_right': best_right,
                    'urgency_wrong': NAN if wrong is None else wrong,
                    'uncertainty': NAN if uncertainty is None else uncertainty,
                    'error': image_error(objects_wrong, wrong),
                    'heuristic': heuristic,
                }
            )

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate the collected images."""
        score, right, wrong, uncertainty, error = (
            np.array([record[name] for record in results], dtype=np.float64)
            for name in (
                'urgency_score',
                'urgency_right',
                'urgency_wrong',
                'uncertainty',
                'error',
            )
        )
        cases = {
            'class': (
                _concatenate(results, 'class_scores'),
                _concatenate(results, 'class_hits'),
            ),
            'urgency': _both_known(score, right),
            'uncertainty': _both_known(uncertainty, error),
        }
        bins = {
            source: {
                scheme: calibration_bins(
                    *cases[source], num_bins=self.num_bins, scheme=scheme
                )
                for scheme in SCHEMES
            }
            for source in SOURCES
        }
        metrics: dict[str, float] = {}
        for source in SOURCES:
            width, mass = (bins[source][scheme] for scheme in SCHEMES)
            metrics[f'{source}_ECE'] = expected_calibration_error(width)
            metrics[f'{source}_ECE_equal_mass'] = expected_calibration_error(mass)
            metrics[f'{source}_cases'] = len(cases[source][0])
        foreseen = cases['uncertainty']
        metrics |= {
            'uncertainty_spearman': spearman_correlation(*foreseen),
            'uncertainty_AUROC': auroc(*_both_known(uncertainty, wrong)),
            'uncertainty_AURC': risk_coverage_area(*foreseen),
            'uncertainty_excess_AURC': excess_risk_coverage_area(*foreseen),
        }
        heuristic = {
            source: sum(record['heuristic'][source] for record in results)
            for source in SOURCES
        }
        print_log(self._table(metrics, heuristic), logger='current')
        if self.outfile_prefix is not None:
            report = {
                'settings': {
                    'score_thr': self.score_thr,
                    'iou_thr': self.iou_thr,
                    'num_bins': self.num_bins,
                    'count_heuristic': self.count_heuristic,
                },
                'labels': LABELS_JUDGED[self.count_heuristic],
                'heuristic': heuristic,
                'metrics': metrics,
                'images': len(results),
                'bins': {
                    source: {name: b._asdict() for name, b in by_scheme.items()}
                    for source, by_scheme in bins.items()
                },
            }
            dump_json(report, f'{self.outfile_prefix}.calibration.json')
        return metrics

    def _judge_objects(
        self, sample: dict
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Scores (D,) and hits (D,) of detections; which objects (G,) are wrong."""
        objects = read_objects(sample, self.gt_scale)
        if objects is None:
            return np.empty(0, dtype=np.float32), np.empty(0, dtype=bool), None
        detections = read_detections(sample)
        detections = detections[detections.scores >= self.score_thr]
        outcome = match_classwise(
            detections.boxes,
            detections.scores,
            detections.labels,
            objects.boxes,
            objects.labels,
            objects.ignored_boxes,
            objects.ignored_labels,
            self.iou_thr,
        )
        found_by = match_boxes(
            detections.boxes, detections.scores, objects.boxes, self.iou_thr
        )
        true_zones = objects.zones
        if not self.count_heuristic:
            true_zones = np.where(objects.zones_heuristic, -1, true_zones)
        objects_wrong = wrong_objects(
            found_by, detections.labels, objects.labels, detections.zones, true_zones
        )
        judged = outcome != IGNORED
        return detections.scores[judged], outcome[judged] == HIT, objects_wrong

    def _table(self, metrics: dict[str, float], heuristic: dict[str, int]) -> str:
        kinds = ('cases', 'ECE', 'ECE_equal_mass')
        rows = [
            [source, *(metrics[f'{source}_{kind}'] for kind in kinds), number]
            for source, number in heuristic.items()
        ]
        title = (
            f'Calibration (scores >= {self.score_thr}, '
            f'{LABELS_JUDGED[self.count_heuristic]})'
        )
        ranking = ('spearman', 'AUROC', 'AURC', 'excess_AURC')
        return text_table(title, ['source', *kinds, 'heuristic'], rows) + text_table(
            'Uncertainty against error',
            ranking,
            [[metrics[f'uncertainty_{name}'] for name in ranking]],
        )


def _judge_scores(sample: dict, truth: int) -> tuple[float, float]:
    """Largest urgency score and whether its level is right; nan where unknown."""
    scores = read_urgency_scores(sample)
    if truth < 0 or scores is None:
        return NAN, NAN
    return float(scores.max()), float(scores.argmax() == truth)


def _both_known(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = ~(np.isnan(a) | np.isnan(b))
    return a[known], b[known]


def _concatenate(results: list[dict], name: str) -> np.ndarray:
    return np.concatenate([np.empty(0), *(record[name] for record in results)])
