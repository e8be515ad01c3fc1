"""Chooses parts so that every class is seen, near a given draw; our design.

The parts that were drawn stay, but for those that nothing hangs on. Where such
exchanges are not enough, the parts that show most are taken first: the greedy set
cover.
"""

from collections import Counter
from collections.abc import Hashable


def cover_classes(
    chosen: list[Hashable], rest: list[Hashable], classes: dict[Hashable, set[int]]
) -> list[Hashable]:
    """As many parts as are chosen, with every class among them as far as possible.

    Args:
        chosen: The parts that were drawn, in order; not changed.
        rest: All others, at least one; not changed.
        classes: The classes that each part shows.
    """
    present = set().union(*(classes[part] for part in chosen + rest))
    exchanged = _exchange(chosen, rest, classes)
    covered = set().union(*(classes[part] for part in exchanged))
    if covered == present:
        return exchanged
    several = _greedy(chosen, rest, classes)
    gained = set().union(*(classes[part] for part in several))
    return several if len(gained) > len(covered) else exchanged


def _exchange(
    chosen: list[Hashable], rest: list[Hashable], classes: dict[Hashable, set[int]]
) -> list[Hashable]:
    """Puts parts with new classes in the place of parts that nothing hangs on."""
    chosen, rest = chosen.copy(), rest.copy()
    counts = Counter(each for part in chosen for each in classes[part])
    while True:
        best = max(rest, key=lambda part: len(classes[part] - counts.keys()))
        if classes[best] <= counts.keys():
            return chosen
        for part in chosen:
            if all(counts[each] > 1 for each in classes[part] - classes[best]):
                break
        else:
            return chosen
        rest[rest.index(best)], chosen[chosen.index(part)] = part, best
        counts = Counter(each for part in chosen for each in classes[part])


def _greedy(
    chosen: list[Hashable], rest: list[Hashable], classes: dict[Hashable, set[int]]
) -> list[Hashable]:
    """Takes the part with most new classes, again and again, then what was drawn."""
    taken: list[Hashable] = []
    covered: set[int] = set()
    while len(taken) < len(chosen):
        best = max(chosen + rest, key=lambda part: len(classes[part] - covered))
        if classes[best] <= covered:
            break
        taken.append(best)
        covered |= classes[best]
    others = [part for part in chosen if part not in taken]
    return taken + others[: len(chosen) - len(taken)]
