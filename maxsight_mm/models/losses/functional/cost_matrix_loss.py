"""Cross entropy that looks at which wrong answer is given."""

import torch.nn.functional as F
from torch import Tensor


def cost_matrix_cross_entropy(logits: Tensor, labels: Tensor, costs: Tensor) -> Tensor:
    """Cross entropy plus the expected cost of the wrong answers.

    ``-log p_y + sum_j C[y, j] p_j``. The first term makes scores that mean something
    (the expected cost alone is flat where the answer is surely wrong), the second
    moves what is unsure towards the cheaper mistakes.

    Args:
        logits: (M, K) float, unactivated.
        labels: (M,) int64 in [0, K).
        costs: (K, K) float >= 0; row: the truth, column: the answer; diagonal 0.

    Returns:
        (M,) loss of each element.
    """
    expected = (costs.to(logits)[labels] * logits.softmax(dim=-1)).sum(dim=-1)
    return F.cross_entropy(logits, labels, reduction='none') + expected
