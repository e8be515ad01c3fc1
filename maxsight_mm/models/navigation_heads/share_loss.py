"""Losses of answers in [0, 1] of which some labels are unknown."""

import torch.nn.functional as F
from torch import Tensor

# Our choice: with 0, glare and priority were answered worse on street scenes.
_ERROR_WEIGHT = 2.0


def known_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean binary cross entropy over the known entries; targets may be soft.

    Args:
        logits: (K, ...) float.
        target: The same shape, in [0, 1]; nan where unknown.

    Returns:
        Scalar float32; a connected zero if nothing is known.
    """
    known = target.isfinite()
    logits = logits.float()[known]
    if not known.any():
        return logits.sum()
    return F.binary_cross_entropy_with_logits(logits, target[known].float())


def share_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross entropy plus twice the mean absolute error (our design).

    For a number such as how hard or how near. The cross entropy keeps its slope where
    the answer is far off, where the error of a sigmoid has none; the error keeps
    its slope near the label and draws to the median, which matters where most labels
    are 0, as with glare.

    Args:
        logits: (K, ...) float.
        target: The same shape, in [0, 1]; nan where unknown.

    Returns:
        Scalar float32; a connected zero if nothing is known.
    """
    known = target.isfinite()
    error = (logits.float()[known].sigmoid() - target[known].float()).abs().sum()
    error = error / known.sum().clamp(min=1)
    return known_cross_entropy(logits, target) + _ERROR_WEIGHT * error
