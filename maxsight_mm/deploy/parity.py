"""Does an exported safety pass say what the trained one says?

Numbers may differ by rounding, decisions may not: which things are there, of which
class, how far, how urgent, and whether the picture asks for a warning. INT8 is
allowed more, and what it changes is counted in the open (our design).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maxsight_mm.inference import SafetyAnswer, SafetyRunner

from .detection_matching import (
    Tie,
    level_margin,
    match_pairs,
    pairwise_iou,
    tie_of_missing,
)
from .parity_report import DECISIONS, Difference, ParityReport, ParityThresholds

# Goals, not measurements. Half precision rounds scores at the third place; INT8 is
# judged on detections worth showing, and its accuracy by the test set.
THRESHOLDS = {
    'fp32': ParityThresholds(score=1e-4, box_px=1e-2, match_iou=0.9),
    'fp16': ParityThresholds(
        score=1e-2, box_px=1.0, match_iou=0.75, min_score=0.1, changed_share=0.01
    ),
    'bf16': ParityThresholds(
        score=5e-2, box_px=4.0, match_iou=0.5, min_score=0.3, changed_share=0.03
    ),
    'int8': ParityThresholds(
        score=0.1,
        box_px=8.0,
        quantile=0.95,
        match_iou=0.5,
        min_score=0.3,
        changed_share=0.1,
    ),
}
MAX_LISTED = 20


def check_parity(
    reference: SafetyRunner,
    candidate: SafetyRunner,
    images: Sequence,
    thresholds: ParityThresholds | None = None,
) -> ParityReport:
    """Compare two safety passes picture by picture.

    Args:
        reference: ``SafetyInferencer`` with the candidate's preparation.
        candidate: The exported pass.
        images: Paths or (H, W, 3) uint8 BGR arrays, whichever both can take.
        thresholds: What may differ; by default those of fp32.

    Returns:
        The report, whose ``failures`` is empty if all is within the thresholds.

    Raises:
        ValueError: If there is no picture, or the two decide by different rules.
    """
    if not len(images):
        raise ValueError('parity needs at least one picture')
    for name in ('classes', 'test_cfg', 'min_safe_scores'):
        ours, theirs = getattr(reference, name), getattr(candidate, name)
        if ours != theirs:
            raise ValueError(f'{name} differ: {ours} in the model, {theirs} exported')
    comparison = _Comparison(thresholds or THRESHOLDS['fp32'], candidate)
    for image in images:
        (first,), (second,) = reference([image]), candidate([image])
        comparison.add(first, second)
    return comparison.report()


class _Comparison:
    """Collects what two passes say of the same pictures."""

    def __init__(self, thresholds: ParityThresholds, runner: SafetyRunner) -> None:
        self.thresholds = thresholds
        self.test_cfg = runner.test_cfg
        self.min_safe_scores = runner.min_safe_scores
        self.differences: dict[str, list[float]] = defaultdict(list)
        self.judged: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self.ties: list[dict] = []
        self.changes: list[dict] = []
        self.images = self.detections = 0
        self.latency_ms: dict[str, list[float]] = defaultdict(list)

    def add(self, first: SafetyAnswer, second: SafetyAnswer) -> None:
        """Compare the answers on one picture."""
        self.images += 1
        # A picture that neither can read was not compared.
        if not (first.is_available or second.is_available):
            return
        self.judged['available'] += 1
        if first.is_available != second.is_available:
            self._changed(first, 'available', first.error or second.error)
            return
        self.latency_ms['reference'].append(first.latency_ms)
        self.latency_ms['candidate'].append(second.latency_ms)
        self._compare_image(first, second)
        self._compare_detections(first, second)

    def _compare_image(self, first: SafetyAnswer, second: SafetyAnswer) -> None:
        self._differ(
            'image_urgency_score',
            first.image_urgency_scores,
            second.image_urgency_scores,
        )
        self._differ('uncertainty', first.uncertainty, second.uncertainty)
        margin = level_margin(
            first.image_urgency_scores, self.min_safe_scores['urgency']
        )
        for kind, ours, theirs in (
            ('urgency', first.status, second.status),
            ('alert', first.is_alert, second.is_alert),
        ):
            self.judged[kind] += 1
            if ours != theirs:
                self._differently(first, kind, f'{ours} -> {theirs}', margin)

    def _compare_detections(self, first: SafetyAnswer, second: SafetyAnswer) -> None:
        overlaps = pairwise_iou(first.boxes, second.boxes)
        alike = first.labels[:, None] == second.labels[None]
        min_iou = self.thresholds.match_iou
        pairs = match_pairs(overlaps, alike, min_iou)
        for pair in pairs:
            self._compare_pair(first, second, *pair)
        lost = _left_out(len(first.boxes), [pair[0] for pair in pairs])
        new = _left_out(len(second.boxes), [pair[1] for pair in pairs])
        renamed = match_pairs(overlaps[np.ix_(lost, new)], True, min_iou)
        for row, column in renamed:
            a, b = lost[row], new[column]
            if max(first.scores[a], second.scores[b]) < self.thresholds.min_score:
                continue
            self.judged['class'] += 1
            self._changed(
                first, 'class', f'{first.class_names[a]} -> {second.class_names[b]}'
            )
        for place in _left_out(len(lost), [row for row, _ in renamed]):
            self._missing(first, lost[place], second, 'lost')
        for place in _left_out(len(new), [column for _, column in renamed]):
            self._missing(second, new[place], first, 'new')

    def _compare_pair(
        self, first: SafetyAnswer, second: SafetyAnswer, a: int, b: int
    ) -> None:
        if max(first.scores[a], second.scores[b]) < self.thresholds.min_score:
            return
        self.detections += 1
        self.judged.update(('detection', 'class', 'zone', 'object_urgency'))
        self._differ('box_px', first.boxes[a], second.boxes[b])
        self._differ('score', first.scores[a], second.scores[b])
        self._differ('zone_score', first.zone_scores[a], second.zone_scores[b])
        self._differ(
            'object_urgency_score', first.urgency_scores[a], second.urgency_scores[b]
        )
        name = first.class_names[a]
        if first.zones[a] != second.zones[b]:
            what = f'{name}: {first.zones[a]} -> {second.zones[b]}'
            self._differently(first, 'zone', what, level_margin(first.zone_scores[a]))
        if first.urgencies[a] != second.urgencies[b]:
            what = f'{name}: {first.urgencies[a]} -> {second.urgencies[b]}'
            margin = level_margin(
                first.urgency_scores[a], self.min_safe_scores['object_urgency']
            )
            self._differently(first, 'object_urgency', what, margin)

    def _missing(
        self, found: SafetyAnswer, index: int, other: SafetyAnswer, how: str
    ) -> None:
        if found.scores[index] < self.thresholds.min_score:
            return
        self.judged['detection'] += 1
        tie = tie_of_missing(found, index, other, self.test_cfg)
        what = f'{how}: {found.class_names[index]} at {found.scores[index]:.6f}'
        if tie.margin <= self.thresholds.tie_margin:
            self._tied(found, tie, what)
        else:
            near = f'{what}; nearest rule: {tie.reason}, margin {tie.margin:.2e}'
            self._changed(found, 'detection', near)

    def _differ(self, name: str, ours, theirs) -> None:
        # The largest over a box or a row of scores.
        gap = np.abs(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64))
        self.differences[name].append(float(gap.max()))

    def _differently(
        self, answer: SafetyAnswer, kind: str, what: str, margin: float
    ) -> None:
        if margin <= self.thresholds.tie_margin:
            self._tied(answer, Tie(kind, 'equal scores', margin), what)
        else:
            self._changed(answer, kind, f'{what}, margin {margin:.2e}')

    def _tied(self, answer: SafetyAnswer, tie: Tie, what: str) -> None:
        self.ties.append(
            dict(
                image=Path(answer.source).name,
                decision=tie.kind,
                what=what,
                rule=tie.reason,
                margin=tie.margin,
            )
        )

    def _changed(self, answer: SafetyAnswer, kind: str, what: str) -> None:
        self.changed[kind] += 1
        self.changes.append(
            dict(image=Path(answer.source).name, decision=kind, what=what)
        )

    def report(self) -> ParityReport:
        """All of it."""
        tied = Counter(tie['decision'] for tie in self.ties)
        return ParityReport(
            thresholds=self.thresholds,
            images=self.images,
            detections=self.detections,
            differences={
                name: Difference.of(values, self.thresholds.quantile)
                for name, values in self.differences.items()
            },
            decisions={
                kind: dict(
                    judged=self.judged[kind],
                    changed=self.changed[kind],
                    ties=tied[kind],
                )
                for kind in DECISIONS
            },
            changes=self.changes[:MAX_LISTED],
            ties=self.ties[:MAX_LISTED],
            median_latency_ms={
                name: float(np.median(values))
                for name, values in self.latency_ms.items()
            },
        )


def _left_out(count: int, taken: Sequence[int]) -> np.ndarray:
    return np.setdiff1d(np.arange(count), np.array(taken, np.int64))
