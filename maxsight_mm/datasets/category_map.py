"""Maps the categories of a JSON file to class labels, by name and out loud.

Matching by position swaps labels when the orders differ and shifts them when a
class is missing; both go unnoticed until somebody looks at the pictures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..taxonomy import nearest_names
from .coco_json import DatasetError


@dataclass(frozen=True)
class CategoryMap:
    """``label_of`` by category id; names left out on either side."""

    label_of: dict[int | str, int]
    ignored_ids: frozenset
    absent: tuple[str, ...]


def map_categories(
    categories: Sequence[dict],
    classes: Sequence[str],
    *,
    extra_categories: str = 'error',
    absent_classes: Sequence[str] | str = (),
    source: str = 'the annotation file',
) -> CategoryMap:
    """Matches categories and classes by name.

    Args:
        categories: COCO categories, each with ``id`` and a unique ``name``.
        classes: Class names in label order.
        extra_categories: 'error', or 'ignore' for categories that are no class.
        absent_classes: Classes the file may lack, or 'any'.
        source: The file's name for messages.

    Raises:
        DatasetError: If a category is no class, or a class is no category, that
            the options do not excuse; the message suggests the nearest names.
        ValueError: If an option or the class list is not valid.
    """
    if extra_categories not in ('error', 'ignore'):
        raise ValueError(
            f"extra_categories must be 'error' or 'ignore', got {extra_categories!r}"
        )
    if len(set(classes)) != len(classes):
        twice = sorted({name for name in classes if list(classes).count(name) > 1})
        raise ValueError(f'classes must be unique, got twice: {", ".join(twice)}')
    names = {category['name']: category['id'] for category in categories}
    extra = [name for name in names if name not in set(classes)]
    absent = tuple(name for name in classes if name not in names)
    if absent_classes == 'any':
        excused = set(classes)
    else:
        excused = set(absent_classes)
        if unknown := excused - set(classes):
            raise ValueError(f'absent_classes are no classes: {sorted(unknown)}')
    unexcused = [name for name in absent if name not in excused]
    faults = []
    if unexcused:
        faults.append(f'classes not in the file: {_with_nearest(unexcused, names)}')
    if extra and extra_categories == 'error':
        faults.append(f'categories that are no class: {_with_nearest(extra, classes)}')
    if faults:
        raise DatasetError(
            f'{source}: {"; ".join(faults)}. Rename them, or use absent_classes / '
            "extra_categories='ignore'"
        )
    return CategoryMap(
        {names[name]: label for label, name in enumerate(classes) if name in names},
        frozenset(names[name] for name in extra),
        absent,
    )


def _with_nearest(missing: Sequence[str], names: Iterable[str]) -> str:
    parts = []
    for name in missing[:10]:
        near = nearest_names(name, names)
        parts.append(f'{name!r}' + (f' (nearest: {near[0]!r})' if near else ''))
    more = f' and {len(missing) - 10} more' if len(missing) > 10 else ''
    return ', '.join(parts) + more
