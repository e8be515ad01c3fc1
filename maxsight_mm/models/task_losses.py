"""Hands the losses of the single tasks to an optimizer wrapper that balances them."""

from typing import Any

from mmengine.model import BaseModel
from torch import Tensor


class TaskLossParser(BaseModel):
    """Mixin for models whose losses are named ``loss_<task>...``.

    ``MMDistributedDataParallel`` calls ``parse_losses`` of the model and hands its
    first result to ``OptimWrapper.update_params``, whatever the model's own
    ``train_step`` does. So the tasks travel with it: the sum has an attribute
    ``task_losses``, scalar tensors by task, for wrappers that look at it.
    """

    def parse_losses(self, losses: dict[str, Any]) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum of the losses, and what is logged; see ``BaseModel``."""
        total, log_vars = super().parse_losses(losses)
        by_task: dict[str, Tensor] = {}
        for name, value in losses.items():
            if not name.startswith('loss_'):
                continue
            values = value if isinstance(value, list | tuple) else [value]
            task = name.removeprefix('loss_').split('.')[0]
            for one in values:
                by_task[task] = by_task.get(task, 0) + one.mean()
        total.task_losses = by_task
        return total, log_vars
