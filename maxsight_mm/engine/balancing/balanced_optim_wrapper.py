"""Optimizer wrappers that let a balancer make one loss of the tasks' losses.

A wrapper and not a hook: it alone sees the single losses before the backward pass under
accumulation, mixed precision and distributed training alike.
"""

from typing import Any

from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor

from maxsight_mm.registry import OPTIM_WRAPPERS

from .task_balancer import TASK_BALANCERS, TaskBalancer


class _Balanced(OptimWrapper):
    """Mixin before a wrapper of mmengine.

    Args:
        balancer: Config of a :class:`TaskBalancer`.
        **kwargs: The wrapper's own.
    """

    def __init__(self, *, balancer: dict, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.balancer: TaskBalancer = TASK_BALANCERS.build(balancer)

    def update_params(
        self,
        loss: Tensor,
        step_kwargs: dict | None = None,
        zero_kwargs: dict | None = None,
    ) -> None:
        """As before, on the balancer's loss.

        Args:
            loss: Sum of the losses with the attribute ``task_losses``, as
                :class:`TaskLossParser` gives it.

        Raises:
            TypeError: If it has no ``task_losses``.
        """
        tasks = getattr(loss, 'task_losses', None)
        if tasks is None:
            raise TypeError(
                f'{type(self).__name__}: the model gives no losses by task; its class '
                'must inherit TaskLossParser, as ImageTaskClassifier does'
            )
        super().update_params(self.balancer.combine(tasks), step_kwargs, zero_kwargs)

    def state_dict(self) -> dict:
        """The optimizer's state with the balancer's beside it."""
        return {**super().state_dict(), 'balancer': self.balancer.state_dict()}

    def load_state_dict(self, state_dict: dict) -> None:
        """A state without a balancer's, of a training without one, is taken too."""
        state = dict(state_dict)
        own = state.pop('balancer', None)
        super().load_state_dict(state)
        if own is not None:
            self.balancer.load_state_dict(own)


@OPTIM_WRAPPERS.register_module()
class BalancedOptimWrapper(_Balanced):
    """mmengine's ``OptimWrapper`` with a ``balancer``."""


@OPTIM_WRAPPERS.register_module()
class BalancedAmpOptimWrapper(_Balanced, AmpOptimWrapper):
    """mmengine's ``AmpOptimWrapper`` with a ``balancer``."""
