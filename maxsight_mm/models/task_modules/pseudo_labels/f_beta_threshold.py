"""The score threshold that serves labelled boxes best, by F-beta."""

import torch
from torch import Tensor


@torch.no_grad()
def f_beta_threshold(
    scores: Tensor, is_true: Tensor, missed: int = 0, beta: float = 1.0
) -> float | None:
    """The threshold whose kept boxes (score >= threshold) have the largest F-beta.

    It lies halfway between the lowest kept score and the highest dropped one; of equal
    optima the one that keeps most wins.

    Args:
        scores: (N,) float in [0, 1]; boxes with a score that is not finite are left
            out.
        is_true: (N,) bool.
        missed: True boxes that no score belongs to.
        beta: Recall counts ``beta`` times as much as precision.

    Returns:
        The threshold, or None where no scored box is true.
    """
    finite = scores.isfinite()
    scores, order = scores[finite].float().sort(descending=True)
    hits = is_true[finite][order].double().cumsum(dim=0)
    if not len(hits) or hits[-1] == 0:
        return None
    kept = torch.arange(1, len(hits) + 1, device=scores.device)
    # (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP), where TP + FN are all true boxes.
    f_beta = (1 + beta**2) * hits / (kept + beta**2 * (hits[-1] + missed))
    last_of_equals = torch.ones_like(scores, dtype=torch.bool)
    last_of_equals[:-1] = scores[:-1] > scores[1:]
    f_beta = f_beta.masked_fill(~last_of_equals, -1.0)
    best = int((f_beta == f_beta.max()).nonzero()[-1])
    lowest = float(scores[best])
    below = float(scores[best + 1]) if best + 1 < len(scores) else lowest
    return 0.5 * (lowest + below)
