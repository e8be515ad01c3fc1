"""Clips the gradients of the context stage and of the rest by themselves.

One norm over all parameters would let a large context gradient shrink the step of
the safety pass: the one way left in which the context stage could reach it.
"""

from collections.abc import Iterable

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class SeparateClipHook(Hook):
    """Gives ``clip_grad`` of the optimizer wrapper one norm a part.

    Args:
        part: Name of the child of the model that is clipped by itself. The logged
            ``grad_norm`` is that of the rest, the safety part.
    """

    def __init__(self, part: str = 'context_stage') -> None:
        self.part = part

    def before_train(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        part = getattr(model, self.part, None)
        if (
            part is None
            or getattr(runner.optim_wrapper, 'clip_grad_kwargs', None) is None
        ):
            return
        runner.optim_wrapper.clip_func = SeparateClip(part)


class SeparateClip:
    """``clip_grad_norm_`` over the parameters of ``part``, and over the others.

    Args:
        part: Module with the parameters that are clipped by themselves.
    """

    def __init__(self, part: nn.Module) -> None:
        self._own = {id(parameter) for parameter in part.parameters()}

    def __call__(self, parameters: Iterable[Tensor], **kwargs) -> Tensor:
        """Clip in place; returns the norm of the others."""
        parameters = list(parameters)
        own = [p for p in parameters if id(p) in self._own]
        others = [p for p in parameters if id(p) not in self._own]
        torch.nn.utils.clip_grad_norm_(own, **kwargs)
        return torch.nn.utils.clip_grad_norm_(others, **kwargs)
