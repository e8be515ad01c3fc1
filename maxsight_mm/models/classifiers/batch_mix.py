"""Mixup (arXiv 1710.09412) and CutMix (arXiv 1905.04899) of a batch of images."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from maxsight_mm.registry import MODELS


class Mix(NamedTuple):
    """A mixed batch: image i is ``share`` of i and the rest of ``partner[i]``."""

    images: Tensor
    partner: Tensor
    share: float


@MODELS.register_module()
class BatchMix:
    """Mixes each image of a batch with another one of it.

    Args:
        mixup_alpha: Of the beta distribution of the share in Mixup; 0: no Mixup.
        cutmix_alpha: The same of CutMix; 0: no CutMix. With both, one of them is drawn.
        prob: Share of the batches that are mixed.

    Raises:
        ValueError: If a number is out of range, or both alphas are 0.
    """

    def __init__(
        self, mixup_alpha: float = 0.2, cutmix_alpha: float = 0.0, prob: float = 1.0
    ) -> None:
        if min(mixup_alpha, cutmix_alpha) < 0 or not max(mixup_alpha, cutmix_alpha):
            raise ValueError('BatchMix: the alphas must be >= 0, one of them above 0')
        if not 0 <= prob <= 1:
            raise ValueError(f'BatchMix: prob must be in [0, 1], got {prob}')
        self.ways = [
            (way, alpha)
            for way, alpha in ((_blend, mixup_alpha), (_paste, cutmix_alpha))
            if alpha
        ]
        self.prob = prob

    def __call__(self, images: Tensor) -> Mix | None:
        """Mix (B, C, H, W) images; ``None`` for a batch that stays as it is."""
        if len(images) < 2 or np.random.rand() >= self.prob:
            return None
        way, alpha = self.ways[np.random.randint(len(self.ways))]
        share = float(np.random.beta(alpha, alpha))
        partner = torch.randperm(len(images), device=images.device)
        mixed, share = way(images, images[partner], share)
        return Mix(mixed, partner, share)


def _blend(images: Tensor, others: Tensor, share: float) -> tuple[Tensor, float]:
    return share * images + (1 - share) * others, share


def _paste(images: Tensor, others: Tensor, share: float) -> tuple[Tensor, float]:
    """A box of the other image; the share is what it leaves, cut at the border."""
    height, width = images.shape[-2:]
    side = (1 - share) ** 0.5
    y, x = np.random.randint(height), np.random.randint(width)
    top, bottom = (int(np.clip(y + s * side * height / 2, 0, height)) for s in (-1, 1))
    left, right = (int(np.clip(x + s * side * width / 2, 0, width)) for s in (-1, 1))
    mixed = images.clone()
    mixed[..., top:bottom, left:right] = others[..., top:bottom, left:right]
    return mixed, 1 - (bottom - top) * (right - left) / (height * width)
