"""Deals pictures out to folds: classes evenly, and what looks alike into one fold."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence


def deal_folds(
    labels: Sequence[Hashable], groups: Sequence[Hashable], num_folds: int
) -> list[int]:
    """Fold of each picture, the same whenever it is called.

    Groups are dealt out from the largest to the smallest, each to the fold that has
    fewest of its classes so far.

    Args:
        labels: (N,) class of each picture, or the classes of several tasks as a tuple.
        groups: (N,) pictures with one group stay together.
        num_folds: At least 2.

    Raises:
        ValueError: If there are fewer groups than folds, or fewer than 2 folds.
    """
    if num_folds < 2:
        raise ValueError(f'folds must be 2 or more, got {num_folds}')
    members: dict[Hashable, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    if len(members) < num_folds:
        raise ValueError(
            f'{len(members)} different pictures cannot fill {num_folds} folds'
        )
    dealt = [Counter[Hashable]() for _ in range(num_folds)]
    folds = [0] * len(labels)
    for own in sorted(members.values(), key=lambda each: -len(each)):
        classes = Counter(labels[index] for index in own)

        def load(fold: int, classes: Counter = classes) -> tuple:
            has = dealt[fold]
            return sum(has[name] for name in classes), has.total(), fold

        fold = min(range(num_folds), key=load)
        dealt[fold].update(classes)
        for index in own:
            folds[index] = fold
    return folds
