"""A loss scale in which the safety part never pays for the context stage.

Mixed precision multiplies the loss by a scale, and a gradient that is not finite costs
the whole step and halves the scale. Both parts share one backward pass, so that a
context gradient could hold up the safety pass. Here the context has a factor of its own
beside the common scale (our design): a context gradient that is not finite costs the
context's step alone and halves that factor alone.
"""

import logging
from typing import Any

import torch
from mmengine.logging import print_log
from torch import nn
from torch.optim import Optimizer

try:
    from torch.amp.grad_scaler import GradScaler, OptState
except ImportError:  # torch before 2.3
    from torch.cuda.amp.grad_scaler import (  # type: ignore[assignment]
        GradScaler,
        OptState,
    )


class SafetyFirstScaler(GradScaler):
    """``GradScaler`` with a factor in (0, 1] for one part of the model.

    The factor doubles again after ``growth_interval`` steps without a halving. It is
    not saved: a resumed training starts from 1 and finds it anew.

    Args:
        part: Module whose losses multiply their gradients by its ``gradient_scale``.
        kwargs: Arguments of ``GradScaler``.
    """

    def __init__(self, part: nn.Module, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = part
        self._num_finite = 0

    def unscale_(self, optimizer: Optimizer) -> None:
        """Settle the part's gradients, then unscale all and look for broken ones.

        A part without finite gradients is left without any: the optimizer passes it by.
        """
        if self.is_enabled():
            self._settle()
        super().unscale_(optimizer)

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> float | None:
        """As before; a fused optimizer does not unscale by itself either."""
        state = self._per_optimizer_states[id(optimizer)]
        if self.is_enabled() and state['stage'] is OptState.READY:
            self.unscale_(optimizer)
        return super().step(optimizer, *args, **kwargs)

    def _settle(self) -> None:
        factor: Any = self.part.gradient_scale
        taught = [p for p in self.part.parameters() if p.grad is not None]
        if not taught:
            return
        gradients = [p.grad for p in taught if p.grad is not None]
        found_inf, inverse = gradients[0].new_tensor([0.0, 1 / factor]).unbind()
        # What GradScaler itself calls: all gradients at once.
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, found_inf, inverse)
        if not found_inf:
            self._num_finite += 1
            if self._num_finite >= self.get_growth_interval():
                self._num_finite, factor = 0, min(factor * 2, 1.0)
        else:
            for parameter in taught:
                parameter.grad = None
            # Below 1 a scale would make gradients smaller than they are.
            least = min(1 / self.get_scale(), 1.0)
            at_least, factor = factor <= least, max(factor / 2, least)
            self._num_finite = 0
            print_log(
                'a context gradient is not finite: a step of the safety part alone; '
                f'the context scales by {factor:g} of the common scale from here on',
                logger='current',
                # At the least factor it is no longer the scale that is to blame.
                level=logging.WARNING if at_least else logging.INFO,
            )
        self.part.gradient_scale = factor
