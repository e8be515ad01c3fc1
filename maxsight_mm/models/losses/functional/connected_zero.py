"""The loss of what nothing teaches."""

from collections.abc import Iterable

import torch
from torch import Tensor


def connected_zero(tensors: Iterable[Tensor]) -> Tensor:
    """A float32 zero with all tensors in its graph, whatever they hold.

    Parameters without gradients would make a training on several ranks wait in vain.
    No element is read, so that not even nan gets in.

    Args:
        tensors: Of any shape; without one the zero is a constant on the CPU.
    """
    zeros = [tensor.flatten()[:0].float().sum() for tensor in tensors]
    return torch.stack(zeros).sum() if zeros else torch.zeros(())
