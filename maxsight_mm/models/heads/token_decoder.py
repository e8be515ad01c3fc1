"""A small transformer decoder that says one word after the other (1706.03762).

Layers are normalised before each part (pre-norm, arXiv 2002.04745), and the word
embedding is also the output layer (arXiv 1608.05859).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Cache = tuple[Tensor, Tensor]


class DecoderLayer(nn.Module):
    """Attention to the words before, attention to the memory, and an MLP.

    Args:
        channels: Width.
        num_heads: Attention heads; they share the width.
        mlp_ratio: Width of the MLP's hidden layer, in ``channels``.
        dropout: Share of each part's answers that is dropped in training.
    """

    def __init__(
        self, channels: int, num_heads: int, mlp_ratio: float, dropout: float
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(3))
        self.own_qkv = nn.Linear(channels, 3 * channels)
        self.own_out = nn.Linear(channels, channels)
        self.query = nn.Linear(channels, channels)
        self.memory_kv = nn.Linear(channels, 2 * channels)
        self.memory_out = nn.Linear(channels, channels)
        hidden = int(channels * mlp_ratio)
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels)
        )
        self.dropout = nn.Dropout(dropout)

    def memory_cache(self, memory: Tensor) -> Cache:
        """Keys and values of the memory (B, L, C), each (B, heads, L, C / heads)."""
        keys, values = self.memory_kv(memory).chunk(2, -1)
        return self._split(keys), self._split(values)

    def forward(
        self,
        words: Tensor,
        memory: Cache,
        mask: Tensor | None,
        cache: Cache | None = None,
    ) -> tuple[Tensor, Cache]:
        """New words and the keys and values of all words so far.

        Args:
            words: (B, S, C) words; with a cache, (B, 1, C), the one after it.
            memory: What :meth:`memory_cache` gave.
            mask: (B, 1, 1, L) bool, false for padding of the memory.
            cache: Keys and values of the words before, each (B, heads, S', C/heads).
        """
        query, *own = self.own_qkv(self.norms[0](words)).chunk(3, -1)
        keys, values = map(self._split, own)
        if cache is not None:
            keys = torch.cat([cache[0], keys], 2)
            values = torch.cat([cache[1], values], 2)
        mixed = F.scaled_dot_product_attention(
            self._split(query), keys, values, is_causal=cache is None
        )
        words = words + self.dropout(self.own_out(self._join(mixed)))
        query = self._split(self.query(self.norms[1](words)))
        seen = F.scaled_dot_product_attention(query, *memory, attn_mask=mask)
        words = words + self.dropout(self.memory_out(self._join(seen)))
        words = words + self.dropout(self.mlp(self.norms[2](words)))
        return words, (keys, values)

    def _split(self, x: Tensor) -> Tensor:
        # (B, S, C) -> (B, heads, S, C / heads)
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    @staticmethod
    def _join(x: Tensor) -> Tensor:
        # (B, heads, S, C / heads) -> (B, S, C)
        return x.transpose(1, 2).flatten(2)


class TokenDecoder(nn.Module):
    """Words in, logits of the next words out.

    Args:
        num_words: Words of the vocabulary.
        max_length: Most words of a sequence.
        channels: Width.
        num_layers: Layers.
        num_heads: Attention heads.
        mlp_ratio: Width of the MLPs' hidden layers, in ``channels``.
        dropout: Dropout of the layers.
    """

    def __init__(
        self,
        num_words: int,
        max_length: int,
        channels: int = 512,
        num_layers: int = 4,
        num_heads: int = 8,
        mlp_ratio: float = 4.0,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_words, channels)
        self.positions = nn.Parameter(torch.empty(max_length, channels))
        self.layers = nn.ModuleList(
            DecoderLayer(channels, num_heads, mlp_ratio, dropout)
            for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.bias = nn.Parameter(torch.zeros(num_words))
        nn.init.normal_(self.embedding.weight, std=channels**-0.5)
        nn.init.normal_(self.positions, std=0.02)

    def forward(self, ids: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
        """(B, S, V) logits of the word after each of ``ids``.

        Args:
            ids: (B, S) int64 words.
            memory: (B, L, C) what the words are about.
            mask: (B, L) bool, false for padding; None for no padding.
        """
        words = self._embedded(ids, 0)
        mask = _for_heads(mask)
        for layer in self._layers():
            words, _ = layer(words, layer.memory_cache(memory), mask)
        return self._logits(words)

    def start(self, memory: Tensor, mask: Tensor | None) -> 'DecoderState':
        """State before the first word; arguments as for :meth:`forward`."""
        caches = [layer.memory_cache(memory) for layer in self._layers()]
        return DecoderState(caches, _for_heads(mask))

    def step(self, ids: Tensor, state: 'DecoderState') -> Tensor:
        """(B, V) logits of the word after ``ids`` (B,), which is added to the state."""
        words = self._embedded(ids[:, None], state.length)
        for i, layer in enumerate(self._layers()):
            before = state.words[i] if state.length else None
            words, after = layer(words, state.memory[i], state.mask, before)
            state.words[i] = after
        state.length += 1
        return self._logits(words)[:, 0]

    def _layers(self) -> list[DecoderLayer]:
        return list(self.layers)  # type: ignore[arg-type]

    def _embedded(self, ids: Tensor, first: int) -> Tensor:
        # Rows of unit length at the output are brought to unit variance here.
        scale = self.embedding.embedding_dim**0.5
        positions = self.positions[first : first + ids.shape[1]]
        return self.embedding(ids) * scale + positions

    def _logits(self, words: Tensor) -> Tensor:
        return F.linear(self.norm(words), self.embedding.weight, self.bias)


class DecoderState:
    """Keys and values of what was said and of what it is about, by layer."""

    def __init__(self, memory: list[Cache], mask: Tensor | None) -> None:
        self.memory = memory
        self.mask = mask
        self.words: list[Cache | None] = [None] * len(memory)
        self.length = 0


def _for_heads(mask: Tensor | None) -> Tensor | None:
    return None if mask is None else mask[:, None, None]
