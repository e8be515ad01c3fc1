"""Written words of the image as arrays, in pixels of the network's input.

``text_regions`` says where there is text. It is finite in every image whose texts
are labelled, also where there are none. ``text_quads`` and ``text_ids`` are the
words to be read, in slots that belong together; empty slots are nan and -1.
"""

import numpy as np

from ...taxonomy.characters import ILLEGIBLE, encode
from ..transforms.moved_texts import moved_texts
from .registry import derives

MAX_REGIONS = 64
MAX_TEXTS = 16
MAX_CHARACTERS = 24
# Last column of ``text_regions``.
NOTHING, LEGIBLE, UNREADABLE = 0, 1, 2


@derives('text_regions')
def text_regions(results: dict) -> np.ndarray | None:
    """(64, 9) float32: four (x, y) corners, then 0 nothing, 1 text, 2 illegible.

    Corners of empty slots are 0. Of more texts than slots the largest stay.
    """
    texts = _texts(results)
    if texts is None:
        return None
    regions = np.zeros((MAX_REGIONS, 9), np.float32)
    for row, text in zip(regions, _largest(texts, MAX_REGIONS), strict=False):
        row[:8] = np.asarray(text['quad'], np.float32).ravel()
        row[8] = UNREADABLE if text['text'] in ILLEGIBLE else LEGIBLE
    return regions


@derives('text_quads')
def text_quads(results: dict) -> np.ndarray | None:
    """(16, 4, 2) float32 corners of the words to be read."""
    words = _words(results)
    if words is None:
        return None
    quads = np.full((MAX_TEXTS, 4, 2), np.nan, np.float32)
    for slot, (quad, _) in enumerate(words):
        quads[slot] = quad
    return quads


@derives('text_ids')
def text_ids(results: dict) -> np.ndarray | None:
    """(16, 24) int64 indices of ``characters.encode`` of the words to be read."""
    words = _words(results)
    if words is None:
        return None
    ids = np.full((MAX_TEXTS, MAX_CHARACTERS), -1, np.int64)
    for slot, (_, characters) in enumerate(words):
        ids[slot, : len(characters)] = characters
    return ids


def _texts(results: dict) -> list[dict] | None:
    texts = results['gt_tasks'].get('texts')
    return None if texts is None else moved_texts(texts, results)


def _words(results: dict) -> list[tuple[np.ndarray, list[int]]] | None:
    """Quad and characters of the words that can be read and are short enough."""
    texts = _texts(results)
    if texts is None:
        return None
    readable = [
        text
        for text in texts
        if text['text'] not in ILLEGIBLE
        and 0 < len(encode(text['text'])) <= MAX_CHARACTERS
    ]
    return [
        (np.asarray(text['quad'], np.float32), encode(text['text']))
        for text in _largest(readable, MAX_TEXTS)
    ]


def _largest(texts: list[dict], count: int) -> list[dict]:
    """The ``count`` largest in their old order."""
    if len(texts) <= count:
        return texts
    areas = [_area(np.asarray(text['quad'], np.float64)) for text in texts]
    return [texts[i] for i in sorted(np.argsort(areas)[-count:])]


def _area(quad: np.ndarray) -> float:
    after = np.roll(quad, -1, axis=0)
    return abs((quad[:, 0] * after[:, 1] - quad[:, 1] * after[:, 0]).sum()) / 2
