"""Says what the detector found, without a language model (our design).

Directions are hours on a clock face that lies before the walker, 12 straight ahead
and 30 degrees an hour, as orientation training for the blind gives them. Nothing is
learned here, so the words can be no more wrong than the detections. What is not known
is said to be unavailable, and no warning is left out for want of room.
"""

import math
from collections.abc import Iterable, Sequence

import torch

from maxsight_mm.models.scene_graph import as_triples, spatial_relations
from maxsight_mm.structures import TaskSample
from maxsight_mm.taxonomy import URGENCIES, ZONES

from .sighting import Sighting, sightings_of

# Not "clear": what was not detected may be there.
_NOTHING = 'Nothing detected.'
_WARNING = URGENCIES.index('warning')
# An unknown urgency may be danger: it is named after the known alerts, before the rest.
_UNKNOWN_RANK = _WARNING - 0.5


class TemplateDescriber:
    """Phrases such as ``moving car, 2 o'clock, near``, the most urgent first.

    Args:
        image_width: Width of the image in pixels.
        focal_px: Focal length in pixels.
        hfov_deg: Horizontal field of view; give it or ``focal_px``.
        max_phrases: Most objects that are named; every one of *warning* or *danger*
            is, however many.
        min_score: Objects with less confidence are left out.
        max_relations: Most relations between named objects that are said, such as
            ``car in front of bench``.

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
        max_relations: int = 2,
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
        self.max_relations = max_relations

    def hour(self, box: Sequence[float]) -> int | None:
        """Hour 1 to 12 of the direction of a box's middle; None if it has none."""
        aside = (box[0] + box[2]) / 2 - self.image_width / 2
        if not math.isfinite(aside):
            return None
        azimuth_deg = math.degrees(math.atan2(aside, self.focal_px))
        return round(azimuth_deg / 30) % 12 or 12

    def describe(self, sample: TaskSample, classes: Sequence[str]) -> str:
        """The sentence of a predicted sample, and what is unavailable of it.

        Args:
            sample: With ``pred_instances`` in pixels of an image ``image_width`` wide,
                and ``pred_tasks``.
            classes: Class names by label.
        """
        seen = sightings_of(sample, classes)
        text = self.sentence(seen)
        tasks = sample.get('pred_tasks', {})
        level = int(tasks.get('urgency', -1))
        named = max((s.urgency or 0 for s in self._chosen(seen)), default=0)
        if level >= _WARNING and level > named:
            text = f'{URGENCIES[level].capitalize()}, place unavailable. {text}'
        if level < 0 and not self._chosen(seen):
            text += ' Urgency unavailable.'
        if tasks.get('context_error') is not None:
            text += ' All else unavailable.'
        return text

    def phrases(self, sightings: Iterable[Sighting]) -> list[str]:
        """One phrase an object: by urgency, then near to far, then confidence."""
        return [self._phrase(sighting) for sighting in self._chosen(sightings)]

    def relations(self, sightings: Iterable[Sighting]) -> list[str]:
        """How named objects lie to each other, each two once, the first named first."""
        chosen = self._chosen(sightings)
        if not chosen:
            return []
        zones = [-1 if s.known_zone is None else s.known_zone for s in chosen]
        found = spatial_relations(
            torch.tensor([[list(map(float, s.box)) for s in chosen]]),
            torch.ones(1, len(chosen), dtype=torch.bool),
            # By zones; only metres would ask for the height.
            (round(self.image_width), round(self.image_width)),
            zones=torch.tensor([zones]),
        )
        by_pair: dict[tuple[int, int], str] = {}
        for subject, predicate, other in as_triples(found)[0]:
            if subject < other or predicate == 'inside':
                pair = (min(subject, other), max(subject, other))
                text = f'{chosen[subject].name} {predicate} {chosen[other].name}'
                by_pair.setdefault(pair, text)
        return list(by_pair.values())[: self.max_relations]

    def sentence(self, sightings: Iterable[Sighting]) -> str:
        """Everything in one text; a warning opens with its level."""
        chosen = self._chosen(sightings)
        if not chosen:
            return _NOTHING
        worst = max(s.urgency or 0 for s in chosen)
        opening = f'{URGENCIES[worst]}: ' if worst else ''
        parts = [opening + '; '.join(map(self._phrase, chosen))]
        parts += self.relations(chosen)
        if any(s.urgency is None for s in chosen):
            parts.append('urgency unavailable')
        return ' '.join(f'{part[0].upper()}{part[1:]}.' for part in parts)

    def _chosen(self, sightings: Iterable[Sighting]) -> list[Sighting]:
        # A score of nan hides nothing.
        sure = [s for s in sightings if not s.score < self.min_score]
        sure.sort(key=lambda s: (-_rank(s), s.depth_order, -s.score))
        alerts = sum((s.urgency or 0) >= _WARNING for s in sure)
        return sure[: max(self.max_phrases, alerts)]

    def _phrase(self, sighting: Sighting) -> str:
        name = f'moving {sighting.name}' if sighting.moving else sighting.name
        hour = self.hour(sighting.box)
        parts = [name, 'place unavailable' if hour is None else f"{hour} o'clock"]
        distance_m = sighting.distance_m
        if distance_m is not None and math.isfinite(distance_m):
            parts.append(f'{distance_m:.1f} m')
        elif sighting.zone is not None:
            parts.append(ZONES[sighting.zone])
        return ', '.join(parts)


def _rank(sighting: Sighting) -> float:
    return _UNKNOWN_RANK if sighting.urgency is None else sighting.urgency
