"""Finds pictures that are the same, or nearly, by what they look like.

Difference hash: a picture is brought to 9 x 9 grey cells, and each bit says whether a
cell is brighter than its neighbour, along and downwards. Size, compression and light
hardly change it, crops and turns do. Different photographs may be alike by chance: look
at what is found.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from ..safe_image import InvalidImageError, decode_bgr

NEAR_BITS = 10


class Fingerprints(NamedTuple):
    """Of N readable pictures.

    Attributes:
        places: (N,) int, places in the list that was given.
        content: (N,) digest of the bytes.
        bits: (N, 2) uint64, difference hash along and downwards.
        unreadable: The others, place by reason.
    """

    places: np.ndarray
    content: list[bytes]
    bits: np.ndarray
    unreadable: dict[int, str]


def fingerprint(image: np.ndarray) -> np.ndarray:
    """(2,) uint64 of an (H, W, 3) uint8 picture."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (9, 9), interpolation=cv2.INTER_AREA).astype(np.int16)
    along, down = small[:8, 1:] > small[:8, :-1], small[1:, :8] > small[:-1, :8]
    return np.packbits(np.stack([along.ravel(), down.ravel()]), axis=1).view(np.uint64)[
        :, 0
    ]


def read_fingerprints(paths: Sequence[str | Path]) -> Fingerprints:
    """Fingerprints of files; those that cannot be read are listed, not raised."""
    places, content, bits, unreadable = [], [], [], {}
    for place, path in enumerate(paths):
        try:
            data = Path(path).read_bytes()
            image = decode_bgr(data, str(path))
        except (OSError, InvalidImageError) as error:
            unreadable[place] = str(error)
            continue
        places.append(place)
        content.append(blake2b(data, digest_size=16).digest())
        bits.append(fingerprint(image))
    return Fingerprints(
        np.array(places, dtype=int),
        content,
        np.array(bits, dtype=np.uint64).reshape(-1, 2),
        unreadable,
    )


def near_pairs(prints: Fingerprints, max_bits: int = NEAR_BITS) -> list[tuple]:
    """Pairs of places that look alike: ``(first, second, bits)``, bits 0 to 128.

    Equal files have 0 bits and come as chains, not each with each. Time grows with the
    square of N: about 2 s for 10,000.
    """
    pairs = []
    first_of: dict[bytes, int] = {}
    unique = []
    for index, digest in enumerate(prints.content):
        if digest in first_of:
            twin = first_of[digest]
            pairs.append((int(prints.places[twin]), int(prints.places[index]), 0))
        else:
            first_of[digest] = index
            unique.append(index)
    bits = prints.bits[unique]
    places = prints.places[unique]
    for row in range(len(unique) - 1):
        # Flat pictures (all one colour) have no bits and are alike by chance.
        if not bits[row].any():
            continue
        distance = _ones(bits[row + 1 :] ^ bits[row])
        for other in np.flatnonzero(distance <= max_bits):
            pair = (int(places[row]), int(places[row + 1 + other]))
            pairs.append((*pair, int(distance[other])))
    return sorted(pairs)


def groups_of(count: int, pairs: Iterable[tuple]) -> list[int]:
    """Number of the group of each of ``count`` pictures; alike ones share one."""
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second, *_ in pairs:
        one, other = sorted((root(first), root(second)))
        parent[other] = one
    return [root(index) for index in range(count)]


def _ones(words: np.ndarray) -> np.ndarray:
    """(N, 2) uint64 to (N,) int: bits that are set."""
    # numpy's bitwise_count came with 2.0.
    return np.unpackbits(words.view(np.uint8), axis=1).sum(axis=1, dtype=int)
