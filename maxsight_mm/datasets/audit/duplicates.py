"""Pictures that are there twice, and those that leak from one split into another."""

from collections.abc import Sequence
from dataclasses import dataclass

from .collection import AuditedPicture
from .fingerprints import NEAR_BITS, near_pairs, read_fingerprints


@dataclass(frozen=True)
class Twins:
    """Two pictures that look alike; ``bits`` of 128 differ, 0 for equal files."""

    first: str
    second: str
    splits: tuple[str, str]
    bits: int

    @property
    def is_leak(self) -> bool:
        """Whether they are in two splits: a model is judged on what it saw."""
        return self.splits[0] != self.splits[1]


def find_twins(
    pictures: Sequence[AuditedPicture], max_bits: int = NEAR_BITS
) -> tuple[list[Twins], dict[str, str]]:
    """Leaks first, then the nearest; and why a picture cannot be read, by path."""
    paths = [picture.path for picture in pictures]
    prints = read_fingerprints(paths)
    twins = [
        Twins(paths[a], paths[b], (pictures[a].split, pictures[b].split), bits)
        for a, b, bits in near_pairs(prints, max_bits)
    ]
    twins.sort(key=lambda t: (not t.is_leak, t.bits))
    return twins, {paths[place]: why for place, why in prints.unreadable.items()}
