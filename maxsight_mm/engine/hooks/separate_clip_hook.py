"""Keeps the gradients of the context stage away from the step of the safety pass.

One norm over all parameters would let a large context gradient shrink the safety
step, and one loss scale let a context gradient that is not finite cost it: the ways
left in which the context stage could reach the safety pass.
"""

from collections.abc import Iterable

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.optim import AmpOptimWrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from maxsight_mm.engine.safety_first_scaler import SafetyFirstScaler
from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class SeparateClipHook(Hook):
    """Gives the optimizer wrapper one norm a part, and one loss scale a part.

    Clipping by value goes number by number and stays as it is.

    Args:
        part: Name of the child of the model that is clipped and scaled by itself. The
            logged ``grad_norm`` is that of the rest, the safety part.
    """

    def __init__(self, part: str = 'context_stage') -> None:
        self.part = part

    def before_train(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        part = getattr(model, self.part, None)
        if part is None:
            return
        wrapper = runner.optim_wrapper
        if getattr(wrapper, 'clip_func', None) is torch.nn.utils.clip_grad_norm_:
            wrapper.clip_func = SeparateClip(part)
        if isinstance(wrapper, AmpOptimWrapper):
            common, device = wrapper.loss_scaler, next(part.parameters()).device.type
            where = {} if device == 'cuda' else dict(device=device)
            scaler = SafetyFirstScaler(part, enabled=common.is_enabled(), **where)
            # After a resume the common scale goes on from where it was.
            scaler.load_state_dict(common.state_dict())
            wrapper.loss_scaler = scaler


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
