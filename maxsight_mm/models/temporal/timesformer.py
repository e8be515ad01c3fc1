"""Divided space-time attention: TimeSformer (arXiv 2102.05095) that can stream.

Each cell first attends to the same place in the last frames, then to all places of
its own frame. The tokens are the cells of a feature map, so any size is taken.

Departures from the paper, each so that frames can come one at a time:

* Attention over time looks back only, over a sliding window of ``window`` frames
  counted with the current one; keys and values of earlier frames are computed once.
* Time enters as a learned bias an age (frames ago) and head instead of an embedding a
  frame number, so that a frame's keys stay true while it grows older.
* Space enters as fixed sines of the cell's place, as there is no fixed number of cells.
* No class token: who pools decides how.

``step`` on one frame after the other equals ``forward`` on the whole clip, however
long (``tests/models/temporal/test_timesformer.py``). Each layer sees ``window``
frames of the layer below, so L layers reach back L (window - 1) frames; a clip of the
last ``window`` frames alone therefore equals the stream only until that many frames
have come.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn


class AttentionMemory(NamedTuple):
    """What a stream remembers: a ring of the last frames' keys and values.

    Attributes:
        keys: One (B, P, heads, window, d) a layer; frame n lies at n modulo window.
        values: As ``keys``.
        frames_seen: () int64.
    """

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    frames_seen: Tensor


class DividedAttentionLayer(nn.Module):
    """Attention over time, attention within the frame, MLP; each pre-norm.

    Args:
        embed_dims: Width D of the tokens.
        num_heads: Heads of both attentions.
        window: Frames seen, with the current one.
        mlp_ratio: Width of the MLP over D.
    """

    def __init__(
        self, embed_dims: int, num_heads: int, window: int, mlp_ratio: float
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.time_norm = nn.LayerNorm(embed_dims)
        self.time_qkv = nn.Linear(embed_dims, 3 * embed_dims)
        self.time_out = nn.Linear(embed_dims, embed_dims)
        self.age_bias = nn.Parameter(torch.zeros(num_heads, window))
        self.space_norm = nn.LayerNorm(embed_dims)
        self.space_qkv = nn.Linear(embed_dims, 3 * embed_dims)
        self.space_out = nn.Linear(embed_dims, embed_dims)
        hidden = int(embed_dims * mlp_ratio)
        self.mlp = nn.Sequential(
            nn.LayerNorm(embed_dims),
            nn.Linear(embed_dims, hidden),
            nn.GELU(),
            nn.Linear(hidden, embed_dims),
        )

    def forward(self, tokens: Tensor, ages: Tensor, visible: Tensor) -> Tensor:
        """A clip.

        Args:
            tokens: (B, T, P, D) float.
            ages: (T, T) int64, frames that the column is older than the row.
            visible: (B or 1, T, T) bool, whether the row may look at the column.
        """
        # (B, T, P, 3D) -> (B, P, T, 3D) -> 3 x (B, P, heads, T, d)
        qkv = self.time_qkv(self.time_norm(tokens)).transpose(1, 2)
        query, key, value = self._split(qkv)
        # (heads, T, T) -> (B or 1, 1, heads, T, T)
        bias = self._bias(ages, visible[:, None, None], query.dtype)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        # (B, P, heads, T, d) -> (B, T, P, D)
        seen = seen.permute(0, 3, 1, 2, 4).flatten(3)
        return self._within_frames(tokens + self.time_out(seen))

    def step(
        self, tokens: Tensor, ring: tuple[Tensor, Tensor] | None, frames_seen: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """One frame of (B, P, D) tokens, with the keys and values before it."""
        qkv = self.time_qkv(self.time_norm(tokens))[:, :, None]
        query, key, value = self._split(qkv)
        window = self.age_bias.shape[1]
        if ring is None:
            empty = key.new_zeros(*key.shape[:3], window, key.shape[-1])
            ring = empty, empty
        slot = (frames_seen % window).reshape(1)
        keys = ring[0].index_copy(3, slot, key)
        values = ring[1].index_copy(3, slot, value)
        ages = (frames_seen - torch.arange(window, device=tokens.device)) % window
        bias = self._bias(ages[None], (ages <= frames_seen)[None], query.dtype)
        seen = F.scaled_dot_product_attention(query, keys, values, attn_mask=bias)
        # (B, P, heads, 1, d) -> (B, P, D)
        tokens = tokens + self.time_out(seen.flatten(2))
        return self._within_frames(tokens), (keys, values)

    def _within_frames(self, tokens: Tensor) -> Tensor:
        """Attention over the places of each frame, and the MLP; (..., P, D)."""
        query, key, value = self._split(self.space_qkv(self.space_norm(tokens)))
        # (..., heads, P, d) -> (N, heads, P, d): fused kernels take four sides.
        query, key, value = (x.reshape(-1, *x.shape[-3:]) for x in (query, key, value))
        seen = F.scaled_dot_product_attention(query, key, value)
        # (N, heads, P, d) -> (..., P, D)
        seen = seen.transpose(1, 2).reshape(tokens.shape)
        tokens = tokens + self.space_out(seen)
        return tokens + self.mlp(tokens)

    def _split(self, qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(..., L, 3D) -> three (..., heads, L, d)."""
        qkv = qkv.unflatten(-1, (3, self.num_heads, -1))
        query, key, value = qkv.movedim(-3, 0).transpose(-2, -3)
        return query, key, value

    def _bias(self, ages: Tensor, visible: Tensor, dtype: torch.dtype) -> Tensor:
        """Learned bias an age, -inf where not visible: (..., heads, L, S)."""
        window = self.age_bias.shape[1]
        bias = self.age_bias[:, ages.clamp(0, window - 1)].to(dtype)
        return bias.masked_fill(~visible, -math.inf)


class TimeSformer(BaseModule):
    """Layers of divided space-time attention over feature maps.

    Args:
        embed_dims: Width D of the tokens, a multiple of 4.
        num_layers: Layers.
        num_heads: Heads; D must be a multiple of it.
        window: Frames that a layer sees, with the current one, at least 1.
        mlp_ratio: Width of the MLP over D.

    Raises:
        ValueError: If ``window`` is below 1, or D does not suit the heads or 4.
    """

    def __init__(
        self,
        embed_dims: int = 512,
        num_layers: int = 6,
        num_heads: int = 8,
        window: int = 8,
        mlp_ratio: float = 4.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if window < 1:
            raise ValueError(f'window must be >= 1, got {window}')
        if embed_dims % num_heads or embed_dims % 4:
            raise ValueError(
                f'embed_dims must be a multiple of 4 and of num_heads ({num_heads}), '
                f'got {embed_dims}'
            )
        self.window = window
        self.layers = nn.ModuleList(
            DividedAttentionLayer(embed_dims, num_heads, window, mlp_ratio)
            for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(embed_dims)

    def init_weights(self) -> None:
        super().init_weights()
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, maps: Tensor, valid: Tensor | None = None) -> Tensor:
        """Every frame of a clip with what came before it.

        Args:
            maps: (B, T, D, H, W) float, oldest first.
            valid: (B, T) bool; nobody looks at a frame that is False. Its own
                result means nothing.

        Returns:
            (B, T, D, H, W) float.
        """
        length, height, width = maps.shape[1], *maps.shape[-2:]
        number = torch.arange(length, device=maps.device)
        ages = number[:, None] - number
        visible = ((ages >= 0) & (ages < self.window))[None]
        if valid is not None:
            # A frame always sees itself, or its softmax would be empty.
            visible = visible & (valid[:, None] | (ages == 0))
        tokens = _tokens(maps)
        for layer in self.layers:
            tokens = layer(tokens, ages, visible)
        return _maps(self.norm(tokens), height, width)

    def step(
        self, frame: Tensor, memory: AttentionMemory | None = None
    ) -> tuple[Tensor, AttentionMemory]:
        """One (B, D, H, W) frame of a stream; its result and the new memory.

        The memory handed in is not changed.
        """
        height, width = frame.shape[-2:]
        seen = memory.frames_seen if memory else torch.tensor(0, device=frame.device)
        tokens = _tokens(frame)
        keys, values = [], []
        for index, layer in enumerate(self.layers):
            assert isinstance(layer, DividedAttentionLayer)
            ring = (memory.keys[index], memory.values[index]) if memory else None
            tokens, (key, value) = layer.step(tokens, ring, seen)
            keys.append(key)
            values.append(value)
        following = AttentionMemory(tuple(keys), tuple(values), seen + 1)
        return _maps(self.norm(tokens), height, width), following


def _tokens(maps: Tensor) -> Tensor:
    """(..., D, H, W) -> (..., H*W, D), with the sines of the place added."""
    channels, height, width = maps.shape[-3:]
    place = sine_place(channels, height, width, maps.device).to(maps.dtype)
    return (maps + place).flatten(-2).transpose(-1, -2)


def _maps(tokens: Tensor, height: int, width: int) -> Tensor:
    """(..., H*W, D) -> (..., D, H, W)."""
    return tokens.transpose(-1, -2).unflatten(-1, (height, width))


def sine_place(channels: int, height: int, width: int, device=None) -> Tensor:
    """Sines and cosines of row and column (arXiv 1706.03762, in two dimensions).

    Returns:
        (channels, height, width) float32 in [-1, 1]; ``channels`` is a multiple of 4.
    """
    quarter = channels // 4
    rate = 10_000 ** (-torch.arange(quarter, device=device) / quarter)
    row = rate[:, None] * torch.arange(height, device=device)
    column = rate[:, None] * torch.arange(width, device=device)
    rows = torch.cat([row.sin(), row.cos()])[:, :, None].expand(-1, -1, width)
    columns = torch.cat([column.sin(), column.cos()])[:, None].expand(-1, height, -1)
    return torch.cat([rows, columns])
