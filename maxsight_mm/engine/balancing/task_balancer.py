"""What a balancer is: task losses in, one loss out, and a state that is saved."""

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from typing import Any

from mmengine.registry import Registry
from torch import Tensor

TASK_BALANCERS = Registry(
    'task balancer',
    scope='maxsight_mm',
    locations=['maxsight_mm.engine.balancing'],
)


class TaskBalancer(metaclass=ABCMeta):
    """Base of balancers.

    Methods that project gradients on each other fit in as well: their step is a sum
    of the tasks' gradients, weighted by the products of those gradients.
    """

    @abstractmethod
    def combine(self, losses: Mapping[str, Tensor]) -> Tensor:
        """The loss to take a step on.

        Args:
            losses: Scalar loss by task, in the graph, not yet divided for accumulation
                or multiplied for mixed precision. All ranks have the same tasks.

        Raises:
            ValueError: If a task is not one of those there are settings for.
        """

    def observe(  # noqa: B027
        self, metrics: Mapping[str, float], num_classes: Mapping[str, int]
    ) -> None:
        """Take note of a validation; nothing by default.

        Args:
            metrics: Figures by name, such as ``tasks/risk/accuracy``; equal on all
                ranks.
            num_classes: Classes by task.
        """

    @property
    def weights(self) -> dict[str, float]:
        """Weight by task, as far as tasks are known; for logs."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Plain data that a resumed training needs."""
        return {}

    def load_state_dict(  # noqa: B027
        self, state: Mapping[str, Any]
    ) -> None:
        """Take the state of :meth:`state_dict` over."""
