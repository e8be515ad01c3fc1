"""A user for each image, and which objects that user is told of.

The rule is in ``taxonomy/preferences.py``. Users are drawn so that the head meets
all kinds: one image in four has the neutral user; for the others each preference is
there with a chance of 0.4 and then even in [0.4, 1].
"""

import zlib

import numpy as np

from ...taxonomy import URGENCIES, by_name
from ...taxonomy.classes import UnknownClassError
from ...taxonomy.preferences import (
    NEUTRAL_USER,
    PREFERENCES,
    is_alerted,
    preferences_of_class,
)
from .registry import derives

NEUTRAL_SHARE = 0.25
WISH_SHARE = 0.4
LEAST_WISH = 0.4


@derives('user')
def user(results: dict) -> np.ndarray:
    """(8,) float32 in [0, 1] in the order of ``PREFERENCES``, fixed by the image.

    The seed is made of ``img_id``, or without one of the path, and ``frame_id``.
    """
    name = f'{results.get("img_id", results.get("img_path"))}'
    seed = [zlib.crc32(name.encode()), int(results.get('frame_id') or 0)]
    rng = np.random.default_rng(seed)
    if rng.random() < NEUTRAL_SHARE:
        return np.array(NEUTRAL_USER, np.float32)
    wished = rng.random(len(PREFERENCES)) < WISH_SHARE
    strength = rng.uniform(LEAST_WISH, 1.0, len(PREFERENCES))
    return np.where(wished, strength, 0).astype(np.float32)


@derives('alerts', per_object=True, uses=('urgencies', 'zones'))
def alerts(results: dict) -> np.ndarray | None:
    """(N,) int64: 1 told of, 0 not, -1 where the urgency is unknown.

    The user is the sample's own where it has one. None without urgencies.
    """
    urgencies = results['gt_instance_tasks'].get('urgencies')
    classes = results.get('classes')
    if urgencies is None or not classes:
        return None
    tasks = results['gt_tasks']
    wishes = np.asarray(tasks['user'] if 'user' in tasks else user(results))
    zones = results['gt_instance_tasks'].get('zones', np.full(len(urgencies), -1))
    labels = np.asarray(results['gt_bboxes_labels'], np.int64)
    kinds = [_kinds(classes[label]) for label in labels]
    own = tuple(wishes.ravel().tolist())
    told = [
        -1 if urgency < 0 else is_alerted(own, kind, int(urgency), int(zone))
        for kind, urgency, zone in zip(kinds, urgencies, zones, strict=True)
    ]
    return np.array(told, np.int64)


@derives('danger_alerts', per_object=True, uses=('urgencies',))
def danger_alerts(results: dict) -> np.ndarray | None:
    """(N,) int64: 1 danger, told of whoever the user is; 0 not; -1 unknown."""
    urgencies = results['gt_instance_tasks'].get('urgencies')
    if urgencies is None:
        return None
    danger = urgencies == URGENCIES.index('danger')
    return np.where(urgencies < 0, -1, danger).astype(np.int64)


def _kinds(name: str) -> tuple[int, ...]:
    try:
        return preferences_of_class(by_name(name))
    except UnknownClassError:
        return ()
