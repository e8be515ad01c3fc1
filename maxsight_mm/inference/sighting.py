"""What a description is made of: the detected objects, one by one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from maxsight_mm.structures import TaskSample
from maxsight_mm.taxonomy import URGENCIES, ZONES, zone_of_distance


@dataclass(frozen=True)
class Sighting:
    """A detected object.

    Attributes:
        name: Class name.
        box: xyxy pixels.
        urgency: 0 safe to 3 danger; None where it is not known.
        zone: 0 near, 1 medium, 2 far; None where it is not known.
        distance_m: Metres; None where they are not known.
        moving: Whether it moves by itself.
        score: Confidence in [0, 1].

    Raises:
        ValueError: If ``urgency`` or ``zone`` is out of its range.
    """

    name: str
    box: Sequence[float]
    urgency: int | None = None
    zone: int | None = None
    distance_m: float | None = None
    moving: bool = False
    score: float = 1.0

    def __post_init__(self) -> None:
        if self.urgency is not None and not 0 <= self.urgency < len(URGENCIES):
            raise ValueError(f'{self.name}: urgency must be 0 to 3, got {self.urgency}')
        if self.zone is not None and not 0 <= self.zone < len(ZONES):
            raise ValueError(f'{self.name}: zone must be 0 to 2, got {self.zone}')

    @property
    def known_zone(self) -> int | None:
        """The zone of the distance, or else the one given."""
        if self.distance_m is None or not math.isfinite(self.distance_m):
            return self.zone
        return zone_of_distance(self.distance_m)

    @property
    def depth_order(self) -> float:
        """Sorts from near to far; what is not known comes last."""
        zone = self.known_zone
        if zone is None:
            return len(ZONES)
        if self.distance_m is None or not math.isfinite(self.distance_m):
            return zone
        return zone + self.distance_m / 1e6


def sightings_of(sample: TaskSample, classes: Sequence[str]) -> list[Sighting]:
    """The detections of a predicted sample; what no head answered is not known.

    Args:
        sample: With ``pred_instances``.
        classes: Class names by label.
    """
    found = sample.pred_instances
    unknown = [-1] * len(found)
    levels = {
        name: found[name].tolist() if found.get(name) is not None else unknown
        for name in ('urgencies', 'zones')
    }
    return [
        Sighting(
            classes[label],
            box,
            urgency=None if urgency < 0 else urgency,
            zone=None if zone < 0 else zone,
            score=score,
        )
        for label, box, urgency, zone, score in zip(
            found.labels.tolist(),
            found.bboxes.tolist(),
            levels['urgencies'],
            levels['zones'],
            found.scores.tolist(),
            strict=True,
        )
    ]
