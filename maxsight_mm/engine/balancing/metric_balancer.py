"""Tasks weigh what they still lack, as the last validation found it."""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from .task_balancer import TASK_BALANCERS, TaskBalancer

# Strategy -> the figure it reads.
STRATEGIES = {
    'uniform': None,
    'inverse_accuracy': 'accuracy',
    'inverse_f1': 'macro_f1',
    'difficulty': 'macro_f1',
}


@TASK_BALANCERS.register_module()
class MetricBalancer(TaskBalancer):
    """Weights set anew after every validation; they sum to the number of tasks.

    ====================  ==========================================================
    ``uniform``           1
    ``inverse_accuracy``  1 / accuracy
    ``inverse_f1``        1 / macro F1
    ``difficulty``        (1 - macro F1) * log2(classes): what is missing, in a task
                          with more to tell apart
    ====================  ==========================================================

    Args:
        strategy: One of these.
        floor: Smallest figure that is divided by, and smallest lack.
        max_ratio: No task weighs more than this times the smallest weight.
        momentum: Share of the old weight that is kept.
        task_weights: Fixed factors by task, applied on top.

    Raises:
        ValueError: If the strategy is unknown or a number is out of range.
    """

    def __init__(
        self,
        strategy: str = 'uniform',
        floor: float = 0.05,
        max_ratio: float = 5.0,
        momentum: float = 0.5,
        task_weights: Mapping[str, float] | None = None,
    ) -> None:
        if strategy not in STRATEGIES:
            raise ValueError(
                f'strategy must be one of {tuple(STRATEGIES)}, got {strategy!r}'
            )
        if not 0 < floor <= 1 or max_ratio < 1 or not 0 <= momentum < 1:
            raise ValueError(
                'MetricBalancer: floor must be in (0, 1], max_ratio at least 1 and '
                f'momentum in [0, 1), got {floor}, {max_ratio}, {momentum}'
            )
        self.strategy = strategy
        self.floor = floor
        self.max_ratio = max_ratio
        self.momentum = momentum
        self.task_weights = dict(task_weights or {})
        self._weights: dict[str, float] = {}

    @property
    def weights(self) -> dict[str, float]:
        return dict(self._weights)

    def combine(self, losses: Mapping[str, Tensor]) -> Tensor:
        unknown = sorted(set(self.task_weights) - set(losses))
        if unknown:
            raise ValueError(
                f'task_weights of unknown tasks {unknown}; tasks: {list(losses)}'
            )
        return sum(
            loss * self._weights.get(task, 1.0) * self.task_weights.get(task, 1.0)
            for task, loss in losses.items()
        )  # type: ignore[return-value]

    def observe(
        self, metrics: Mapping[str, float], num_classes: Mapping[str, int]
    ) -> None:
        """New weights from the figures ``tasks/<task>/<figure>``.

        A task without a figure (nothing labelled in the validation) keeps the mean.

        Raises:
            ValueError: If no task has the figure that the strategy reads.
        """
        figure = STRATEGIES[self.strategy]
        if figure is None:
            self._weights = dict.fromkeys(num_classes, 1.0)
            return
        raw = {}
        for task, classes in num_classes.items():
            value = metrics.get(f'tasks/{task}/{figure}', math.nan)
            if math.isfinite(value):
                raw[task] = self._raw(value, classes)
        if not raw:
            raise ValueError(
                f'{self.strategy}: no tasks/<task>/{figure} in the validation; add '
                "dict(type='ImageTaskMetric') to val_evaluator"
            )
        least = min(raw.values())
        raw = {task: min(w, self.max_ratio * least) for task, w in raw.items()}
        mean = sum(raw.values()) / len(raw)
        new = {task: raw.get(task, mean) / mean for task in num_classes}
        mixed = {
            task: self.momentum * self._weights.get(task, 1.0)
            + (1 - self.momentum) * weight
            for task, weight in new.items()
        }
        scale = len(mixed) / sum(mixed.values())
        self._weights = {task: scale * weight for task, weight in mixed.items()}

    def _raw(self, value: float, num_classes: int) -> float:
        if self.strategy == 'difficulty':
            return max(1 - value, self.floor) * math.log2(num_classes)
        return 1 / max(value, self.floor)

    def state_dict(self) -> dict[str, Any]:
        return {'weights': dict(self._weights)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._weights = dict(state['weights'])
