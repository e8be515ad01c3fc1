"""What to do with a score: ``decision.json`` read strictly, and one decision a picture.

Whatever goes wrong, a picture that was not judged is for a human, never "safe".
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from maxsight_mm.evaluation.functional.decisions import unsafe_scores
from maxsight_mm.evaluation.functional.temperature import ACTIVATIONS

VERSION = 1
OutcomeName = Literal['safe', 'unsafe', 'review']


class DecisionFileError(ValueError):
    """A decision file cannot be used; the message is one line and names it."""


@dataclass(frozen=True)
class Decision:
    """What was decided of one picture.

    Attributes:
        picture: Its name.
        outcome: ``safe``, ``unsafe`` or ``review`` (a human looks at it).
        reason: Why, in a few words.
        score: Unsafe score in [0, 1]; ``None`` where there is none.
        model: First 12 hexadecimal digits of the checkpoint's SHA-256, or ``None``.
    """

    picture: str
    outcome: OutcomeName
    reason: str
    score: float | None
    model: str | None = None


@dataclass(frozen=True)
class DecisionRule:
    """Thresholds of one task.

    Attributes:
        task: Whose scores.
        classes: Its class names, in the order of the labels.
        unsafe: Which of them count as unsafe.
        activation: ``softmax`` or ``sigmoid``.
        threshold: An unsafe score from here on is unsafe.
        temperature: Logits are divided by it.
        review: Scores with low <= score < high go to a human, whatever the threshold.
        model: Mark of the weights that the thresholds were chosen for.
        histogram: Edges and counts of the unsafe scores they were chosen on.

    Raises:
        ValueError: If a value is out of range, or an unsafe class unknown.
    """

    task: str
    classes: tuple[str, ...]
    unsafe: tuple[str, ...]
    threshold: float
    activation: str = 'softmax'
    temperature: float = 1.0
    review: tuple[float, float] | None = None
    model: str | None = None
    histogram: tuple[tuple[float, ...], tuple[int, ...]] | None = None

    def __post_init__(self) -> None:
        unknown = [name for name in self.unsafe if name not in self.classes]
        if unknown or not self.unsafe or len(self.unsafe) == len(self.classes):
            raise ValueError(
                f'unsafe must name some, not all, of {", ".join(self.classes)}; got '
                f'{", ".join(self.unsafe) or "none"}'
            )
        if self.activation not in ACTIVATIONS:
            raise ValueError(f'activation {self.activation!r} is none of {ACTIVATIONS}')
        if not 0 <= self.threshold <= 1:
            raise ValueError(f'threshold must be in [0, 1], got {self.threshold}')
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError(f'temperature must be above 0, got {self.temperature}')
        if self.review is not None:
            low, high = self.review
            if not 0 <= low <= high <= 1:
                raise ValueError(f'review must be 0 <= low <= high <= 1: {low}, {high}')

    def unsafe_score(self, logits: Sequence[float] | np.ndarray) -> float:
        """Unsafe score of one picture; nan where a logit is not finite.

        Args:
            logits: (K,) float, unactivated.

        Raises:
            ValueError: If there are not K of them.
        """
        row = np.asarray(logits, dtype=np.float64)
        if row.shape != (len(self.classes),):
            raise ValueError(
                f'{row.size} logits for the {len(self.classes)} classes of {self.task}'
            )
        if not np.isfinite(row).all():
            return math.nan
        labels = [self.classes.index(name) for name in self.unsafe]
        return float(
            unsafe_scores(row[None], labels, self.activation, self.temperature)[0]
        )

    def decide(self, picture: str, score: float | None) -> Decision:
        """The decision for an unsafe score; anything that is no score in [0, 1] goes to
        a human."""
        if score is None or not 0 <= score <= 1:
            return self.unavailable(picture, f'no usable score ({score})')
        if self.review is not None:
            low, high = self.review
            if low <= score < high:
                return Decision(picture, 'review', 'unsure', score, self.model)
            outcome: OutcomeName = 'unsafe' if score >= high else 'safe'
        else:
            outcome = 'unsafe' if score >= self.threshold else 'safe'
        reason = 'score above' if outcome == 'unsafe' else 'score below'
        return Decision(picture, outcome, reason, score, self.model)

    def unavailable(self, picture: str, reason: str) -> Decision:
        """The decision for a picture without an answer: a human looks at it."""
        return Decision(picture, 'review', f'unavailable: {reason}', None, self.model)

    def with_review(self, low: float, high: float) -> 'DecisionRule':
        """The same rule with other bounds of review."""
        return replace(self, review=(low, high))


def read_decision_rule(path: str | Path) -> DecisionRule:
    """Read ``decision.json`` of ``classification_report.py``.

    Raises:
        FileNotFoundError: If there is no such file.
        DecisionFileError: If anything in it is not as it should be.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
        return _rule_of(content)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DecisionFileError(f'{path}: not JSON: {error}') from None
    except KeyError as error:
        raise DecisionFileError(f'{path}: no {error.args[0]!r} in it') from None
    except (TypeError, ValueError) as error:
        raise DecisionFileError(f'{path}: {error}') from None


def _rule_of(content: Mapping[str, Any]) -> DecisionRule:
    if not isinstance(content, Mapping):
        raise ValueError('not an object')
    if content['version'] != VERSION:
        raise ValueError(f'version {content["version"]}, this package reads {VERSION}')
    review = content.get('review')
    found = content.get('score_histogram')
    histogram = None
    if found is not None:
        edges = tuple(float(edge) for edge in found['edges'])
        counts = tuple(int(count) for count in found['counts'])
        if len(edges) != len(counts) + 1 or list(edges) != sorted(set(edges)):
            raise ValueError('score_histogram: edges do not fit the counts')
        histogram = (edges, counts)
    return DecisionRule(
        task=str(content['task']),
        classes=tuple(str(name) for name in content['classes']),
        unsafe=tuple(str(name) for name in content['unsafe']),
        threshold=_number(content, 'threshold'),
        activation=content['activation'],
        temperature=_number(content, 'temperature'),
        review=None
        if review is None
        else (_number(review, 'low'), _number(review, 'high')),
        model=content.get('model'),
        histogram=histogram,
    )


def _number(content: Mapping[str, Any], key: str) -> float:
    value = content[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f'{key} must be a number, got {value!r}')
    return float(value)
