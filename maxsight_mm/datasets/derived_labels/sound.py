"""Which sounds a sample has, and where the one that matters comes from."""

import math

import numpy as np

from ...synthetic.street_sound import SOUND_LABELS
from .registry import derives

# What a walker should know of first, when several sound at once (our design).
SOUND_PRIORITY = ('siren', 'horn', 'bicycle bell', 'engine', 'dog bark', 'steps')


@derives('sound_events')
def sound_events(results: dict) -> np.ndarray | None:
    """(C,) float32 0 or 1 of each label; None where unlabelled.

    The labels are those of the data set's ``metainfo['sound_labels']`` in their
    order, where it has none the six ``SOUND_LABELS`` of the street world.

    Raises:
        ValueError: If a sound has another label. A sound that was left out without
            a word would be taught as silence.
    """
    labels = tuple(results.get('sound_labels', SOUND_LABELS))
    sounds = _sounds(results, labels)
    if sounds is None:
        return None
    heard = {sound['label'] for sound in sounds}
    return np.array([label in heard for label in labels], np.float32)


@derives('sound_azimuth_deg')
def sound_azimuth_deg(results: dict) -> np.ndarray | None:
    """(1,) float32 degrees of the most pressing sound, the first of its kind.

    The loudest is not annotated, and which of several began first has no meaning
    for a walker. Nan if that sound has no direction or there is none.

    Raises:
        ValueError: If a sound has a label that is not one of ``SOUND_LABELS``.
    """
    sounds = _sounds(results, SOUND_LABELS)
    if sounds is None:
        return None
    if not sounds:
        return np.array([math.nan], np.float32)
    chosen = min(
        sounds,
        key=lambda s: (SOUND_PRIORITY.index(s['label']), s.get('start_s', 0.0)),
    )
    return np.array([chosen.get('azimuth_deg', math.nan)], np.float32)


def _sounds(results: dict, labels: tuple[str, ...]) -> list[dict] | None:
    """The sounds of the stretch that is loaded; None where nobody listened."""
    sounds = results.get('gt_tasks', {}).get('sounds')
    if sounds is None:
        return None
    for sound in sounds:
        if sound['label'] not in labels:
            raise ValueError(
                f'{results.get("img_path", "sample")}: unknown sound '
                f'{sound["label"]!r}; the labels are {", ".join(labels)}. '
                'Rename it, leave it out of the annotation, or name the labels in '
                "the data set's metainfo['sound_labels']"
            )
    if 'audio_start_s' not in results:
        return list(sounds)
    begin_s = results['audio_start_s']
    end_s = begin_s + results['audio'].shape[1] / results['audio_rate_hz']
    return [
        sound
        for sound in sounds
        if sound.get('start_s', -math.inf) < end_s
        and sound.get('end_s', math.inf) > begin_s
    ]
