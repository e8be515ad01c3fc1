"""Labels computed from other labels, by name (our design).

A label that follows from what is annotated, or from the picture itself, need not
be stored. Its function reads the pipeline's ``results`` after all changes of
geometry and gives an array, or None where the sample does not tell.
"""

from collections.abc import Callable

import numpy as np

Derivation = Callable[[dict], np.ndarray | None]

DERIVED: dict[str, Derivation] = {}
# The names of DERIVED whose arrays hold one entry a box.
PER_OBJECT: set[str] = set()
# Of the object labels that may be rules of thumb, those that a label is made of.
USES: dict[str, tuple[str, ...]] = {}


def derives(
    name: str, per_object: bool = False, uses: tuple[str, ...] = ()
) -> Callable[[Derivation], Derivation]:
    """Registers a function under the name of the label that it makes.

    The function takes ``results`` and returns a float or integer array, or None to
    leave the sample unlabelled; it changes nothing and, if it draws, draws from a
    seed made of ``img_id``. A nan in a float array, or a negative whole number,
    means that this entry is unknown.

    Args:
        name: Field of ``gt_tasks``, or of ``gt_instances`` for ``per_object``.
        per_object: The array is (N, ...) in the order of ``gt_bboxes``.
        uses: Of 'zones' and 'urgencies' those that the function reads and does not
            take for unknown where they are heuristic; the label made of a
            heuristic one is marked as heuristic itself.

    Raises:
        ValueError: If another function has that name.
    """

    def register(function: Derivation) -> Derivation:
        known = DERIVED.get(name)
        if known is not None and _origin(known) != _origin(function):
            raise ValueError(
                f'derived label {name!r} is made by {_origin(known)} already, '
                f'{_origin(function)} cannot make it too'
            )
        DERIVED[name] = function
        USES[name] = uses
        if per_object:
            PER_OBJECT.add(name)
        return function

    return register


def _origin(function: Derivation) -> str:
    return f'{function.__module__}.{function.__qualname__}'
