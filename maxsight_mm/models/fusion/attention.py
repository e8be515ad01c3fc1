"""Scaled dot-product attention, in one kernel or written out.

``sdpa`` uses PyTorch's fused kernels, which never hold the whole score matrix
(FlashAttention, arXiv 2205.14135); ``naive`` is the formula of arXiv 1706.03762,
kept to compare against in tests and in ``tools/analysis_tools/benchmark_attention.py``.
"""

from typing import Literal

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

AttentionKind = Literal['sdpa', 'naive']


def attend(query: Tensor, key: Tensor, value: Tensor, kind: AttentionKind) -> Tensor:
    """Softmax attention.

    Args:
        query: (B, heads, L, d) float.
        key: (B, heads, S, d) float.
        value: (B, heads, S, d) float.
        kind: ``sdpa`` or ``naive``.

    Returns:
        (B, heads, L, d) float.

    Raises:
        ValueError: If ``kind`` is unknown.
    """
    if kind == 'sdpa':
        return F.scaled_dot_product_attention(query, key, value)
    if kind == 'naive':
        scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
        return scores.softmax(dim=-1) @ value
    raise ValueError(f"attention must be 'sdpa' or 'naive', got {kind!r}")


class CrossAttention(BaseModule):
    """Multi-head attention of queries to a context.

    Args:
        embed_dims: Channels of the queries and of the result.
        context_dims: Channels of the context, by default those of the queries.
        num_heads: Heads; they divide ``embed_dims``.
        attention: ``sdpa`` or ``naive``.

    Raises:
        ValueError: If the heads do not divide the channels.
    """

    def __init__(
        self,
        embed_dims: int,
        context_dims: int | None = None,
        num_heads: int = 8,
        attention: AttentionKind = 'sdpa',
    ) -> None:
        super().__init__()
        if embed_dims % num_heads:
            raise ValueError(f'{num_heads} heads do not divide {embed_dims} channels')
        self.num_heads = num_heads
        self.attention = attention
        self.query = nn.Linear(embed_dims, embed_dims)
        self.key_value = nn.Linear(context_dims or embed_dims, embed_dims * 2)
        self.proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, queries: Tensor, context: Tensor) -> Tensor:
        """(B, L, D) queries and (B, S, D_context) context -> (B, L, D)."""
        # (B, L, D) -> (B, heads, L, d)
        query = self.query(queries).unflatten(2, (self.num_heads, -1)).transpose(1, 2)
        # (B, S, 2D) -> (2, B, heads, S, d)
        key, value = (
            self.key_value(context)
            .unflatten(2, (2, self.num_heads, -1))
            .permute(2, 0, 3, 1, 4)
        )
        mixed = attend(query, key, value, self.attention)
        # (B, heads, L, d) -> (B, L, D)
        return self.proj(mixed.transpose(1, 2).flatten(2))
