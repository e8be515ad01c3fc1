"""Lets sound and picture read each other, and gives what sound adds.

Cross-modal attention both ways (MulT, arXiv 1906.00295): the sound, unfolded to a
few tokens, looks for its source among the positions of the picture; every position,
and the picture as a whole, then asks the tokens of the sound. The answer is an
*addition*, so that without sound it is exactly zero and the picture's own feature
stays as it is to the bit.

At D = 768: unfolding 2.4 M, two attentions 4.7 M, two feed-forwards 4.7 M, output
1.2 M; 13.0 M in all.
"""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS


def _feed_forward(channels: int) -> nn.Module:
    return nn.Sequential(
        nn.LayerNorm(channels),
        nn.Linear(channels, 2 * channels),
        nn.GELU(),
        nn.Linear(2 * channels, channels),
    )


@MODELS.register_module()
class AudioVisualFusion(BaseModule):
    """What the sound adds to the pooled context feature.

    Args:
        pooled_channels: D of the tokens, the picture and the sound.
        num_heads: Attention heads; must divide D.
        num_audio_tokens: Tokens the sound is unfolded to.
        dropout: Dropout of the attention.
    """

    def __init__(
        self,
        pooled_channels: int = 768,
        num_heads: int = 8,
        num_audio_tokens: int = 4,
        dropout: float = 0.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        size = pooled_channels
        self.unfold = nn.Linear(size, num_audio_tokens * size)
        self.sound_norm = nn.LayerNorm(size)
        self.sight_norm = nn.LayerNorm(size)
        self.heard_norm = nn.LayerNorm(size)
        self.sound_reads = nn.MultiheadAttention(
            size, num_heads, dropout, batch_first=True
        )
        self.sight_reads = nn.MultiheadAttention(
            size, num_heads, dropout, batch_first=True
        )
        self.sound_feed = _feed_forward(size)
        self.sight_feed = _feed_forward(size)
        self.project = nn.Linear(2 * size, size)

    def forward(
        self,
        context_tokens: Tensor,
        context_pooled: Tensor,
        audio_pooled: Tensor,
        audio_valid: Tensor,
    ) -> Tensor:
        """The addition.

        Args:
            context_tokens: (B, L, D) float, positions of the picture.
            context_pooled: (B, D) float.
            audio_pooled: (B, D) float; a row of zeros is a sound that was dropped.
            audio_valid: (B,) bool.

        Returns:
            (B, D) float; exactly 0 for a sample without sound.
        """
        there = audio_valid & audio_pooled.ne(0).any(dim=1)
        # What an invalid row holds must not reach the gradients either.
        audio_pooled = torch.where(there[:, None], audio_pooled, 0)
        sight = self.sight_norm(
            torch.cat([context_pooled[:, None], context_tokens], dim=1)
        )
        # (B, A * D) -> (B, A, D)
        sound = self.unfold(audio_pooled).unflatten(1, (-1, audio_pooled.shape[1]))
        seen, _ = self.sound_reads(
            self.sound_norm(sound), sight, sight, need_weights=False
        )
        sound = sound + seen
        sound = sound + self.sound_feed(sound)
        keys = self.heard_norm(sound)
        heard, _ = self.sight_reads(sight, keys, keys, need_weights=False)
        heard = heard + self.sight_feed(heard)
        added = self.project(torch.cat([keys.mean(1), heard.mean(1)], dim=1))
        return torch.where(there[:, None], added, 0)
