"""The answer of a network, in pixels of its input, on its way to the user."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from .image_preparation import PreparedImage
from .safety_answer import SafetyAnswer


@dataclass(frozen=True, eq=False)
class NetworkAnswer:
    """Detections of one input and its image answers; shapes as in ``SafetyAnswer``.

    Attributes:
        boxes: (M, 4) float32 xyxy in pixels of the network's input.
        scores: (M,) float32, best first.
        labels: (M,) int64.
        zones: (M,) int64.
        zone_scores: (M, 3) float32.
        urgencies: (M,) int64.
        urgency_scores: (M, 4) float32.
        image_urgency: Level of the whole picture.
        image_urgency_scores: (4,) float32.
        uncertainty: In [0, 1].
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray
    zones: np.ndarray
    zone_scores: np.ndarray
    urgencies: np.ndarray
    urgency_scores: np.ndarray
    image_urgency: int
    image_urgency_scores: np.ndarray
    uncertainty: float

    def in_picture(
        self,
        source: str,
        prepared: PreparedImage,
        classes: Sequence[str],
        latency_ms: float,
    ) -> SafetyAnswer:
        """The answer in pixels of the picture.

        Boxes are clipped to the picture, and those that lie in the padding go.

        Raises:
            FloatingPointError: If a number is not finite.
        """
        check_finite(source, astuple(self))
        height, width = prepared.original_shape
        limit = np.array([width, height, width, height], np.float32)
        boxes = (self.boxes / np.tile(prepared.scale_factor, 2)).astype(np.float32)
        boxes = np.clip(boxes, 0, limit)
        kept = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return SafetyAnswer(
            source=source,
            boxes=boxes[kept],
            scores=self.scores[kept],
            labels=self.labels[kept],
            class_names=tuple(classes[label] for label in self.labels[kept]),
            zones=self.zones[kept],
            zone_scores=self.zone_scores[kept],
            urgencies=self.urgencies[kept],
            urgency_scores=self.urgency_scores[kept],
            image_urgency=int(self.image_urgency),
            image_urgency_scores=self.image_urgency_scores,
            uncertainty=float(self.uncertainty),
            latency_ms=latency_ms,
        )


def check_finite(source: str, values: Iterable[np.ndarray | float]) -> None:
    """Refuse nan and infinity, which would sort anywhere.

    Raises:
        FloatingPointError: If one of the values holds one.
    """
    if not all(np.isfinite(value).all() for value in values):
        raise FloatingPointError(
            f'{source}: the network answered with numbers that are not finite'
        )
