"""The result of a comparison: ``parity.json`` and one screen of text."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

FILE_NAME = 'parity.json'
DECISIONS = (
    'available',
    'alert',
    'urgency',
    'detection',
    'class',
    'zone',
    'object_urgency',
)


def write_json(path: Path, content: Any) -> None:
    """JSON as the standard has it: null for numbers that are not finite."""
    text = json.dumps(_finite(content), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + '\n', encoding='utf-8')


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content


@dataclass(frozen=True, kw_only=True)
class ParityThresholds:
    """What may differ.

    Attributes:
        score: Of any score, zone or urgency score, or of the uncertainty.
        box_px: Of a box side, in pixels of the picture.
        match_iou: Least overlap of two boxes that are the same detection.
        quantile: Share of the differences that must be that small; 1 is all.
        min_score: Detections below it in both answers are not judged.
        changed_share: Share of the decisions of each kind that may change.
        tie_margin: Margin up to which a changed decision is a tie.
    """

    score: float
    box_px: float
    match_iou: float
    quantile: float = 1.0
    min_score: float = 0.0
    changed_share: float = 0.0
    tie_margin: float = 1e-4


@dataclass(frozen=True)
class Difference:
    """Of one kind of number, over all pictures.

    Attributes:
        largest: The largest.
        at_quantile: The one that is judged.
        mean: The mean.
    """

    largest: float
    at_quantile: float
    mean: float

    @classmethod
    def of(cls, values: Sequence[float], quantile: float) -> 'Difference':
        """Of at least one value."""
        return cls(
            float(np.max(values)),
            float(np.quantile(values, quantile)),
            float(np.mean(values)),
        )


@dataclass(frozen=True)
class ParityReport:
    """What two safety passes said of the same pictures.

    Attributes:
        thresholds: What was allowed.
        images: Pictures, those included that neither could read.
        detections: Pairs of detections that were compared.
        differences: By name of the number.
        decisions: For each kind how many were judged, changed and tied.
        changes: The first of the changes, in words.
        ties: The first of the ties, with their margins.
        median_latency_ms: Of both, picture by picture in turn.
    """

    thresholds: ParityThresholds
    images: int
    detections: int
    differences: dict[str, Difference]
    decisions: dict[str, dict[str, int]]
    changes: list[dict]
    ties: list[dict]
    median_latency_ms: dict[str, float]

    @property
    def failures(self) -> list[str]:
        """One line for each threshold that does not hold."""
        limits = self.thresholds
        lines = []
        if not self.detections:
            lines.append('no detection was compared: take other pictures')
        for name, gap in self.differences.items():
            limit = limits.box_px if name == 'box_px' else limits.score
            # Nothing compares with nan.
            if not gap.at_quantile <= limit:
                lines.append(f'{name} differs by {gap.at_quantile:.2e} > {limit:.0e}')
        for kind, count in self.decisions.items():
            if count['changed'] > limits.changed_share * count['judged']:
                lines.append(f'{count["changed"]} of {count["judged"]} {kind} changed')
        return lines

    @property
    def passed(self) -> bool:
        """Whether all is within the thresholds."""
        return not self.failures

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        return dict(passed=self.passed, failures=self.failures, **asdict(self))

    def write(self, folder: str | Path) -> Path:
        """Write ``parity.json`` beside the graph."""
        path = Path(folder) / FILE_NAME
        write_json(path, self.to_dict())
        return path

    def table(self) -> str:
        """One screen."""
        limits = self.thresholds
        verdict = 'PASSED' if self.passed else 'FAILED'
        lines = [
            f'parity {verdict}: {self.images} pictures, {self.detections} detections',
            '',
            f'{"difference":<22}{"largest":>10}{f"q{limits.quantile:g}":>10}'
            f'{"mean":>10}{"allowed":>10}',
        ]
        for name, gap in self.differences.items():
            limit = limits.box_px if name == 'box_px' else limits.score
            lines.append(
                f'{name:<22}{gap.largest:>10.1e}{gap.at_quantile:>10.1e}'
                f'{gap.mean:>10.1e}{limit:>10.1e}'
            )
        lines += ['', f'{"decision":<22}{"judged":>10}{"changed":>10}{"ties":>10}']
        for kind, count in self.decisions.items():
            lines.append(
                f'{kind:<22}{count["judged"]:>10}{count["changed"]:>10}'
                f'{count["ties"]:>10}'
            )
        lines += [f'  changed {x["decision"]}: {x["what"]}' for x in self.changes[:5]]
        if len(self.median_latency_ms) == 2:
            both = self.median_latency_ms
            lines += [
                '',
                f'median latency: {both["reference"]:.1f} ms in PyTorch, '
                f'{both["candidate"]:.1f} ms exported',
            ]
        lines += [f'FAILED: {line}' for line in self.failures]
        return '\n'.join(lines)
