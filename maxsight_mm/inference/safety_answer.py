"""What the safety pass says of one picture, in pixels of that picture."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from maxsight_mm.taxonomy.levels import URGENCIES, ZONES

UNAVAILABLE = 'unavailable'


@dataclass(frozen=True, eq=False)
class SafetyAnswer:
    """Detections, best first, and the urgency of the whole picture.

    An answer that could not be given is *unavailable*: no detections, no urgency,
    and never *safe*.

    Attributes:
        source: Path of the picture, or ``image <index>`` of an array.
        boxes: (M, 4) float32 xyxy in pixels of the original picture.
        scores: (M,) float32 in [0, 1].
        labels: (M,) int64.
        class_names: M names.
        zones: (M,) int64 into ``ZONES``.
        zone_scores: (M, 3) float32 adding up to 1.
        urgencies: (M,) int64 into ``URGENCIES``.
        urgency_scores: (M, 4) float32 adding up to 1.
        image_urgency: Into ``URGENCIES``; ``None`` if unavailable.
        image_urgency_scores: (4,) float32 adding up to 1, or nan if unavailable.
        uncertainty: In [0, 1]; 1 if unavailable.
        latency_ms: From the decoded picture to the answer.
        error: Why it is unavailable, one line; empty otherwise.
    """

    source: str
    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    zones: np.ndarray
    zone_scores: np.ndarray
    urgencies: np.ndarray
    urgency_scores: np.ndarray
    image_urgency: int | None
    image_urgency_scores: np.ndarray
    uncertainty: float
    latency_ms: float
    error: str = ''

    @classmethod
    def unavailable(
        cls, source: str, error: str, latency_ms: float = 0.0
    ) -> 'SafetyAnswer':
        """The answer where none can be given."""
        return cls(
            source=source,
            boxes=np.empty((0, 4), np.float32),
            scores=np.empty(0, np.float32),
            labels=np.empty(0, np.int64),
            class_names=(),
            zones=np.empty(0, np.int64),
            zone_scores=np.empty((0, len(ZONES)), np.float32),
            urgencies=np.empty(0, np.int64),
            urgency_scores=np.empty((0, len(URGENCIES)), np.float32),
            image_urgency=None,
            image_urgency_scores=np.full(len(URGENCIES), np.nan, np.float32),
            uncertainty=1.0,
            latency_ms=latency_ms,
            error=' '.join(error.split()),
        )

    @property
    def is_available(self) -> bool:
        """Whether there is an answer at all."""
        return self.image_urgency is not None

    @property
    def status(self) -> str:
        """Urgency of the picture in words, or ``unavailable``."""
        level = self.image_urgency
        return UNAVAILABLE if level is None else URGENCIES[level]

    @property
    def is_alert(self) -> bool:
        """Whether the picture asks for a warning: urgency *warning* or *danger*."""
        level = self.image_urgency
        return level is not None and level >= URGENCIES.index('warning')

    def to_dict(self) -> dict[str, Any]:
        """Everything as numbers, strings and lists that JSON can hold."""
        content = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        if not self.is_available:
            content['image_urgency_scores'] = None
        content['status'] = self.status
        content['zone_names'] = [ZONES[zone] for zone in self.zones]
        content['urgency_names'] = [URGENCIES[level] for level in self.urgencies]
        return content


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
