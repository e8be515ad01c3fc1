"""A token for each task: reads the scene, then listens to the other tasks.

Each task owns a learnable query; layers of cross-attention to the context tokens
and of self-attention among the tasks turn them into features of this image. The
decoder layer of arXiv 1706.03762 in pre-norm order; queries as in arXiv 2005.12872.
"""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .attention import AttentionKind, CrossAttention


class _TaskLayer(BaseModule):
    """Cross-attention, self-attention, feed-forward; each pre-normed, residual."""

    def __init__(self, dims: int, num_heads: int, attention: AttentionKind) -> None:
        super().__init__()
        self.norm_context = nn.LayerNorm(dims)
        self.from_context = CrossAttention(dims, None, num_heads, attention)
        self.norm_tasks = nn.LayerNorm(dims)
        self.from_tasks = CrossAttention(dims, None, num_heads, attention)
        self.ffn = nn.Sequential(
            nn.LayerNorm(dims),
            nn.Linear(dims, dims * 4),
            nn.GELU(),
            nn.Linear(dims * 4, dims),
        )

    def forward(self, tasks: Tensor, context: Tensor) -> Tensor:
        tasks = tasks + self.from_context(self.norm_context(tasks), context)
        normed = self.norm_tasks(tasks)
        tasks = tasks + self.from_tasks(normed, normed)
        return tasks + self.ffn(tasks)


@MODELS.register_module()
class CrossTaskAttention(BaseModule):
    """Context tokens -> one token a task.

    With 512 channels a layer has 4.2 M parameters.

    Args:
        tasks: Names of the tasks that get a token.
        embed_dims: Channels of the context tokens and of the task tokens.
        num_layers: Layers.
        num_heads: Attention heads.
        attention: ``sdpa`` or ``naive``.

    Raises:
        ValueError: If there are no tasks, or one is named twice.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        embed_dims: int = 512,
        num_layers: int = 2,
        num_heads: int = 8,
        attention: AttentionKind = 'sdpa',
    ) -> None:
        super().__init__()
        if not tasks or len(set(tasks)) != len(tasks):
            raise ValueError(f'tasks must be different names, got {list(tasks)}')
        self.tasks = tuple(tasks)
        self.queries = nn.Parameter(torch.zeros(len(tasks), embed_dims))
        self.norm_tokens = nn.LayerNorm(embed_dims)
        self.layers = ModuleList(
            _TaskLayer(embed_dims, num_heads, attention) for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(embed_dims)
        self.proj = nn.Linear(embed_dims, embed_dims)

    def init_weights(self) -> None:
        super().init_weights()
        nn.init.trunc_normal_(self.queries, std=0.02)
        # Tokens are added to what the heads read: a tier that adds them starts
        # where the tier below it ended.
        nn.init.zeros_(self.proj.weight)
        nn.init.zeros_(self.proj.bias)

    def forward(self, context_tokens: Tensor) -> dict[str, Tensor]:
        """(B, L, D) tokens -> task -> (B, D)."""
        context = self.norm_tokens(context_tokens)
        # (K, D) -> (B, K, D)
        tasks = self.queries.expand(len(context), -1, -1)
        for layer in self.layers:
            tasks = layer(tasks, context)
        tokens = self.proj(self.norm(tasks))
        return dict(zip(self.tasks, tokens.unbind(dim=1), strict=True))
