"""Says what the detector found, without a language model (our design).

Directions are hours on a clock face that lies before the walker, 12 straight ahead
and 30 degrees an hour, as orientation training for the blind gives them. Nothing is
learned here, so the words can be no more wrong than the detections.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..taxonomy import URGENCIES, ZONES, zone_of_distance

# Not "clear": what was not detected may be there.
_NOTHING = 'Nothing detected.'


@dataclass(frozen=True)
class Sighting:
    """A detected object.

    Attributes:
        name: Class name.
        box: xyxy pixels.
        urgency: 0 safe to 3 danger.
        zone: 0 near, 1 medium, 2 far; None where it is not known.
        distance_m: Metres; None where they are not known.
        moving: Whether it moves by itself.
        score: Confidence in [0, 1].
    """

    name: str
    box: Sequence[float]
    urgency: int = 0
    zone: int | None = None
    distance_m: float | None = None
    moving: bool = False
    score: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.urgency < len(URGENCIES):
            raise ValueError(f'{self.name}: urgency must be 0 to 3, got {self.urgency}')
        if self.zone is not None and not 0 <= self.zone < len(ZONES):
            raise ValueError(f'{self.name}: zone must be 0 to 2, got {self.zone}')

    @property
    def depth_order(self) -> float:
        """Sorts from near to far; what is not known comes last."""
        if self.distance_m is not None and math.isfinite(self.distance_m):
            return zone_of_distance(self.distance_m) + self.distance_m / 1e6
        return len(ZONES) if self.zone is None else float(self.zone)


class TemplateDescriber:
    """Phrases such as ``moving car, 2 o'clock, near``, the most urgent first.

    Args:
        image_width: Width of the image in pixels.
        focal_px: Focal length in pixels.
        hfov_deg: Horizontal field of view; give it or ``focal_px``.
        max_phrases: Most objects that are named.
        min_score: Objects with less confidence are left out.

    Raises:
        ValueError: If not exactly one of ``focal_px`` and ``hfov_deg`` is given, or
            a setting is out of its range.
    """

    def __init__(
        self,
        image_width: float,
        focal_px: float | None = None,
        hfov_deg: float | None = None,
        max_phrases: int = 5,
        min_score: float = 0.3,
    ) -> None:
        if (focal_px is None) == (hfov_deg is None):
            raise ValueError('give focal_px or hfov_deg, and not both')
        if hfov_deg is not None:
            if not 0 < hfov_deg < 180:
                raise ValueError(f'hfov_deg must be within 0 and 180, got {hfov_deg}')
            focal_px = image_width / 2 / math.tan(math.radians(hfov_deg) / 2)
        assert focal_px is not None
        if not (image_width > 0 and focal_px > 0):
            raise ValueError(
                f'image_width and focal_px must be > 0, got {image_width}, {focal_px}'
            )
        self.image_width = image_width
        self.focal_px = focal_px
        self.max_phrases = max_phrases
        self.min_score = min_score

    def hour(self, box: Sequence[float]) -> int:
        """Hour 1 to 12 of the direction of a box's middle."""
        aside = (box[0] + box[2]) / 2 - self.image_width / 2
        azimuth_deg = math.degrees(math.atan2(aside, self.focal_px))
        return round(azimuth_deg / 30) % 12 or 12

    def phrases(self, sightings: Iterable[Sighting]) -> list[str]:
        """One phrase an object: by urgency, then near to far, then confidence."""
        return [self._phrase(sighting) for sighting in self._chosen(sightings)]

    def sentence(self, sightings: Iterable[Sighting]) -> str:
        """Everything in one text; a warning opens with its level."""
        chosen = self._chosen(sightings)
        if not chosen:
            return _NOTHING
        phrases = '; '.join(map(self._phrase, chosen))
        worst = chosen[0].urgency
        opening = f'{URGENCIES[worst]}: ' if worst else ''
        text = f'{opening}{phrases}.'
        return text[0].upper() + text[1:]

    def _chosen(self, sightings: Iterable[Sighting]) -> list[Sighting]:
        sure = [s for s in sightings if s.score >= self.min_score]
        sure.sort(key=lambda s: (-s.urgency, s.depth_order, -s.score))
        return sure[: self.max_phrases]

    def _phrase(self, sighting: Sighting) -> str:
        name = f'moving {sighting.name}' if sighting.moving else sighting.name
        parts = [name, f"{self.hour(sighting.box)} o'clock"]
        distance_m = sighting.distance_m
        if distance_m is not None and math.isfinite(distance_m):
            parts.append(f'{distance_m:.1f} m')
        elif sighting.zone is not None:
            parts.append(ZONES[sighting.zone])
        return ', '.join(parts)
