"""Focal losses (Lin et al., arXiv 1708.02002) for sigmoid and softmax scores."""

import torch
import torch.nn.functional as F
from torch import Tensor


def sigmoid_focal_loss(
    logits: Tensor, targets: Tensor, alpha: float | None = 0.25, gamma: float = 2.0
) -> Tensor:
    """Focal loss of independent sigmoid scores, for hard or soft targets.

    With targets of 0 and 1 this is the paper's loss. For a soft target ``y`` the
    modulating factor is ``|y - p| ** gamma`` (generalized focal loss, arXiv
    2006.04388), which is the paper's at both ends, and alpha is mixed linearly.

    Args:
        logits: Float, any shape, unactivated.
        targets: Float in [0, 1], the shape of ``logits``.
        alpha: Weight of the positive side; ``1 - alpha`` of the negative. ``None``
            weighs both sides by 1.
        gamma: Focusing exponent, at least 0.

    Returns:
        Loss of each element, the shape of ``logits``.
    """
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction='none')
    loss = loss * (targets - logits.sigmoid()).abs().pow(gamma)
    if alpha is None:
        return loss
    return loss * (alpha * targets + (1 - alpha) * (1 - targets))


def softmax_focal_loss(
    logits: Tensor,
    labels: Tensor,
    alpha: float = 1.0,
    gamma: float = 2.0,
    class_weight: Tensor | None = None,
) -> Tensor:
    """Focal loss of softmax scores: ``-alpha * w_y * (1 - p_y)**gamma * log p_y``.

    Among exclusive classes alpha is a plain factor; what tells classes apart is
    ``class_weight``.

    Args:
        logits: (M, K) float, unactivated.
        labels: (M,) int64 in [0, K).
        alpha: Factor on every element.
        gamma: Focusing exponent, at least 0.
        class_weight: (K,) float, weight of each true class.

    Returns:
        (M,) loss of each element.
    """
    log_prob = F.log_softmax(logits, dim=-1).gather(-1, labels[:, None]).squeeze(-1)
    loss = -alpha * (1 - log_prob.exp()).clamp(min=0).pow(gamma) * log_prob
    if class_weight is not None:
        loss = loss * class_weight.to(loss)[labels]
    return loss


def class_weight_tensor(
    class_weight: list[float] | tuple[float, ...] | None, num_classes: int, owner: str
) -> Tensor | None:
    """Check and convert class weights.

    Returns:
        (K,) float32, or ``None``.

    Raises:
        ValueError: If there is not one finite weight >= 0 for each class.
    """
    if class_weight is None:
        return None
    weight = torch.tensor(class_weight, dtype=torch.float32)
    if weight.shape != (num_classes,):
        raise ValueError(
            f'{owner}: class_weight must hold {num_classes} numbers, '
            f'got {len(class_weight)}'
        )
    if not (torch.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError(f'{owner}: class_weight must be finite and >= 0')
    return weight
