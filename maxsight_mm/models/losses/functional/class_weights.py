"""One weight a class, from how often it is seen or what it costs to miss it.

One table for classifiers and detectors. Whatever the policy, a weight is what the
gradient of an example of that class is multiplied by; nothing is divided by the sum of
weights or by their maximum afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def balanced(counts: ArrayLike) -> np.ndarray:
    """n / (K n_k), scikit-learn's ``balanced`` (King and Zeng 2001).

    The examples' mean weight is 1.

    Args:
        counts: (K,) examples a class.

    Returns:
        (K,) float64. A class without examples gets the largest weight of the others.
    """
    counts = _checked(counts)
    return _for_seen(counts, lambda seen: seen.sum() / (len(seen) * seen))


def inverse_frequency(counts: ArrayLike) -> np.ndarray:
    """n / n_k: a class with 5 % of the examples weighs 20. Otherwise as `balanced`."""
    counts = _checked(counts)
    return _for_seen(counts, lambda seen: seen.sum() / seen)


def effective_number(
    counts: ArrayLike, beta: float = 0.999, mean_of: str = 'classes'
) -> np.ndarray:
    """(1 - beta) / (1 - beta ** n_k), scaled to a mean of 1 (arXiv 1901.05555).

    Near beta 0 all weigh the same, near 1 it is the inverse frequency: beyond
    1 / (1 - beta) examples more of them hardly count.

    Args:
        counts: (K,) examples a class.
        beta: In [0, 1).
        mean_of: What weighs 1 on average: the ``'classes'``, as in the paper, or the
            ``'examples'``. Where one class in four has all but a few examples, the
            paper's mean leaves it next to no weight, and the task next to no gradient.

    Returns:
        (K,) float64. A class without examples gets the largest weight of the others.

    Raises:
        ValueError: If beta is not in [0, 1), or mean_of is neither.
    """
    if not 0 <= beta < 1:
        raise ValueError(f'beta must be in [0, 1), got {beta}')
    if mean_of not in ('classes', 'examples'):
        raise ValueError(f"mean_of must be 'classes' or 'examples', got {mean_of!r}")
    counts = _checked(counts)

    def weigh(seen: np.ndarray) -> np.ndarray:
        # 1 - beta ** n without cancellation; for beta 0 log is -inf and exp of it 0.
        with np.errstate(divide='ignore'):
            weight = (1 - beta) / -np.expm1(seen * np.log(beta))
        mean = np.average(weight, weights=seen if mean_of == 'examples' else None)
        return weight / mean

    return _for_seen(counts, weigh)


def business_cost(
    costs: ArrayLike, floor: float = 0.1, counts: ArrayLike | None = None
) -> np.ndarray:
    """What it costs to miss a class, scaled to a mean of 1.

    Args:
        costs: (K,) cost of missing an example of each class; or (K, K), where row i,
            column j is the cost of answering j for i. Of a matrix a class weighs the
            mean cost of its wrong answers.
        floor: Smallest weight. A class that costs nothing to miss would teach nothing
            at all, and "always the costly class" be the best answer.
        counts: Not used; costs do not hang on the data.

    Raises:
        ValueError: If a cost is nan, infinite or negative, all are 0, or a matrix is
            not square or has costs on its diagonal.
    """
    cost = np.asarray(costs, dtype=np.float64)
    if cost.ndim == 2:
        cost = cost_matrix(cost).sum(axis=1) / max(len(cost) - 1, 1)
    if cost.ndim != 1 or not np.isfinite(cost).all() or (cost < 0).any():
        raise ValueError(f'costs must be finite numbers >= 0, got {cost.tolist()}')
    if not cost.any():
        raise ValueError('costs are all 0: no class would teach anything')
    return np.maximum(cost / cost.mean(), floor)


def cost_matrix(costs: ArrayLike) -> np.ndarray:
    """(K, K) float64 checked: finite, >= 0, nothing on the diagonal.

    Raises:
        ValueError: If it is not.
    """
    costs = np.asarray(costs, dtype=np.float64)
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1]:
        raise ValueError(f'a cost matrix must be square, got shape {costs.shape}')
    if not np.isfinite(costs).all() or (costs < 0).any():
        raise ValueError(f'costs must be finite numbers >= 0, got {costs.tolist()}')
    if np.diag(costs).any():
        raise ValueError('a cost matrix has costs of right answers on its diagonal')
    return costs


def safety(
    counts: ArrayLike, weights: Mapping[int, float], default: float = 1.0
) -> np.ndarray:
    """Weights set by hand: 4 to 5 for a violation, 1 elsewhere.

    Args:
        counts: (K,), only its length is used.
        weights: Weight by label.
        default: Weight of the others.
    """
    result = np.full(len(_checked(counts)), float(default))
    for label, weight in weights.items():
        result[label] = weight
    return result


POLICIES: dict[str, Callable[..., np.ndarray]] = {
    'none': lambda counts: np.ones(len(_checked(counts))),
    'balanced': balanced,
    'inverse_frequency': inverse_frequency,
    'effective_number': effective_number,
    'business_cost': business_cost,
    'safety': safety,
}
# Policies that need the counts, and so the data.
FREQUENCY_POLICIES = ('balanced', 'inverse_frequency', 'effective_number')


def class_weights(
    policy: str,
    counts: Sequence[int],
    names: Sequence[str] | None = None,
    cap: float | None = None,
    **options: Any,
) -> np.ndarray:
    """Weights of a policy by its name.

    Args:
        policy: One of ``POLICIES``.
        counts: (K,) examples a class.
        names: (K,) class names, for options that go by name.
        cap: Largest weight.
        **options: The policy's own: ``beta``, ``mean_of``, ``costs``, ``floor``,
            ``weights``, ``default``. ``costs`` and ``weights`` may be dicts by class
            name.

    Returns:
        (K,) float64, finite and >= 0.

    Raises:
        ValueError: If the policy or a class name is unknown, an option does not belong
            to the policy, the numbers do not fit the classes, or a weight is no
            finite number.
    """
    if policy not in POLICIES:
        raise ValueError(f'class_weight must be one of {tuple(POLICIES)}: {policy!r}')
    if cap is not None and not cap > 0:
        raise ValueError(f'cap of class weights must be above 0, got {cap}')
    names = names or [str(label) for label in range(len(counts))]
    if policy == 'business_cost':
        options['costs'] = _by_label(options.get('costs', ()), names, 'costs')
    if policy == 'safety':
        given = options.get('weights', {})
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ValueError(f'weights of unknown classes {unknown}; classes: {names}')
        options['weights'] = {names.index(name): w for name, w in given.items()}
    try:
        weights = POLICIES[policy](counts=counts, **options)
    except TypeError:
        raise ValueError(
            f'class_weight {policy!r} does not take {sorted(options)}'
        ) from None
    if weights.shape != (len(counts),):
        raise ValueError(f'{len(weights)} class weights for {len(counts)} classes')
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError(f'class weights must be finite and >= 0: {weights.tolist()}')
    return weights if cap is None else np.minimum(weights, cap)


def _by_label(values: Any, names: Sequence[str], what: str) -> Any:
    if not isinstance(values, Mapping):
        return values
    if set(values) != set(names):
        raise ValueError(f'{what} are for {sorted(values)}; classes: {list(names)}')
    return [values[name] for name in names]


def _checked(counts: ArrayLike) -> np.ndarray:
    counts = np.asarray(counts, dtype=np.float64)
    if counts.ndim != 1 or not len(counts):
        raise ValueError('counts must be one number a class')
    if not np.isfinite(counts).all() or (counts < 0).any() or not counts.any():
        raise ValueError(f'no class weights from counts {counts.tolist()}')
    return counts


def _for_seen(
    counts: np.ndarray, weigh: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    seen = counts > 0
    weights = np.empty(len(counts))
    weights[seen] = weigh(counts[seen])
    weights[~seen] = weights[seen].max()
    return weights
