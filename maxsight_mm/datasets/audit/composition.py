"""Is the collection the mix that was meant? And what is missing?"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .collection import AuditedPicture

# Violations staged on purpose, proper behaviour, hard cases, nothing to see.
TARGET_MIX = {'violation': 0.4, 'proper': 0.35, 'edge_case': 0.15, 'background': 0.1}


@dataclass(frozen=True)
class ScenarioRow:
    """One scenario.

    Attributes:
        scenario: Its tag.
        pictures: How many there are.
        share: Of the tagged pictures.
        interval: 95 % of the share (Wilson), as if they were drawn at random.
        target: Share that is meant; nan for a tag without one.
        natural: Share in the field; nan where unknown.
        to_add: Fewest pictures to collect so that all targets are met.
    """

    scenario: str
    pictures: int
    share: float
    interval: tuple[float, float]
    target: float
    natural: float
    to_add: int


def check_shares(shares: Mapping[str, float], what: str) -> None:
    """Shares above 0 that sum to 1.

    Raises:
        ValueError: If they are not.
    """
    if not shares or any(not 0 < share <= 1 for share in shares.values()):
        raise ValueError(f'{what}: shares must be in (0, 1], got {dict(shares)}')
    if abs(math.fsum(shares.values()) - 1) > 0.005:
        raise ValueError(f'{what}: shares sum to {math.fsum(shares.values()):.3f}')


def scenario_table(
    pictures: Sequence[AuditedPicture],
    target: Mapping[str, float] = TARGET_MIX,
    natural: Mapping[str, float] | None = None,
) -> list[ScenarioRow]:
    """Rows of the target's scenarios, then of tags that have none.

    Nothing is thrown away: the collection grows until the scenario that is most over
    its target is no more than its share. Tags without a target do not count.

    Raises:
        ValueError: If shares do not sum to 1, or no picture has a tag of the target.
    """
    check_shares(target, 'target')
    if natural:
        check_shares(natural, 'natural')
    counts = Counter(p.scenario for p in pictures if p.scenario is not None)
    tagged = counts.total()
    aimed = {name: counts[name] for name in target}
    if not any(aimed.values()):
        raise ValueError(
            f'no picture has one of the tags {", ".join(target)}; there are '
            f'{", ".join(sorted(counts)) or "none"}'
        )
    total = max(math.ceil(n / target[name] - 1e-9) for name, n in aimed.items())
    others = sorted(set(counts) - set(target))
    return [
        ScenarioRow(
            name,
            counts[name],
            counts[name] / tagged,
            wilson_interval(counts[name], tagged),
            target.get(name, math.nan),
            (natural or {}).get(name, math.nan),
            max(round(total * target[name]) - counts[name], 0) if name in target else 0,
        )
        for name in [*target, *others]
    ]


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z = 1.959964
    share = count / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total**2))
    scale = 1 + z * z / total
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def class_shares(pictures: Sequence[AuditedPicture]) -> dict[str, dict[str, int]]:
    """Labels a class, by split: boxes in COCO files, pictures elsewhere."""
    splits = sorted({p.split for p in pictures})
    names = sorted({name for p in pictures for name in p.classes})
    counts = Counter((p.split, name) for p in pictures for name in p.classes)
    return {name: {split: counts[split, name] for split in splits} for name in names}
