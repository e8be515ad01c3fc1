"""Vision transformer whose blocks can be given additions from outside.

A pre-norm ViT (arXiv 2010.11929) for any image size: the position embedding is
resized with bicubic interpolation, and an image that is no multiple of the patch
is padded at its right and lower edge. The project's specification writes post-norm
blocks; pre-norm trains without a long warm-up (arXiv 2002.04745) and is what every
public checkpoint uses. Parameters are named as in those checkpoints (``blocks.0.
attn.qkv``, ...), so that ``init_cfg=dict(type='Pretrained', ...)`` reads them.
"""

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from maxsight_mm.models.fusion.attention import AttentionKind, attend
from maxsight_mm.registry import MODELS


class SelfAttention(BaseModule):
    """Multi-head self-attention with one projection to query, key and value."""

    def __init__(
        self, embed_dims: int, num_heads: int, attention: AttentionKind
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.attention = attention
        self.qkv = nn.Linear(embed_dims, embed_dims * 3)
        self.proj = nn.Linear(embed_dims, embed_dims)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        # (B, L, 3D) -> (3, B, heads, L, d)
        query, key, value = (
            self.qkv(tokens)
            .unflatten(2, (3, self.num_heads, -1))
            .permute(2, 0, 3, 1, 4)
        )
        mixed = attend(query, key, value, self.attention)
        # (B, heads, L, d) -> (B, L, D)
        return self.proj(mixed.transpose(1, 2).flatten(2))


class Mlp(BaseModule):
    """Two linear layers with GELU between them."""

    def __init__(self, embed_dims: int, hidden_dims: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(embed_dims, hidden_dims)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden_dims, embed_dims)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        return self.fc2(self.act(self.fc1(tokens)))


class TransformerBlock(BaseModule):
    """``x + attention(norm(x))``, then ``x + mlp(norm(x))``."""

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        mlp_ratio: float,
        drop_path: float,
        attention: AttentionKind,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dims, eps=1e-6)
        self.attn = SelfAttention(embed_dims, num_heads, attention)
        self.norm2 = nn.LayerNorm(embed_dims, eps=1e-6)
        self.mlp = Mlp(embed_dims, int(embed_dims * mlp_ratio))
        self.drop_path = DropPath(drop_path)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        tokens = tokens + self.drop_path(self.attn(self.norm1(tokens)))
        return tokens + self.drop_path(self.mlp(self.norm2(tokens)))


class PatchEmbed(BaseModule):
    """A linear layer on each patch, as a strided convolution."""

    def __init__(self, patch_size: int, embed_dims: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, embed_dims, patch_size, stride=patch_size)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, D, h, w)."""
        return self.proj(images)


@MODELS.register_module()
class VisionTransformer(BaseModule):
    """ViT; by default ViT-B/16 with 86 M parameters.

    Args:
        image_size: Side in pixels of the square that the position embedding has
            one entry a patch for.
        patch_size: Side of a patch in pixels.
        embed_dims: Channels of the tokens.
        depth: Number of blocks.
        num_heads: Attention heads; they divide ``embed_dims``.
        mlp_ratio: Hidden channels of a block's MLP over ``embed_dims``.
        drop_path_rate: Stochastic depth of the last block, growing linearly from
            0 (arXiv 1603.09382).
        attention: ``sdpa`` or ``naive``.
        with_cp: Recompute each block in the backward pass instead of storing its
            activations.

    Raises:
        ValueError: If the heads do not divide the channels.
    """

    def __init__(
        self,
        image_size: int = 224,
        patch_size: int = 16,
        embed_dims: int = 768,
        depth: int = 12,
        num_heads: int = 12,
        mlp_ratio: float = 4.0,
        drop_path_rate: float = 0.0,
        attention: AttentionKind = 'sdpa',
        with_cp: bool = False,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if embed_dims % num_heads:
            raise ValueError(f'{num_heads} heads do not divide {embed_dims} channels')
        self.embed_dims = embed_dims
        self.patch_size = patch_size
        self.with_cp = with_cp
        side = image_size // patch_size
        self.patch_embed = PatchEmbed(patch_size, embed_dims)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, embed_dims))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + side**2, embed_dims))
        rates = [drop_path_rate * index / max(depth - 1, 1) for index in range(depth)]
        self.blocks = ModuleList(
            TransformerBlock(embed_dims, num_heads, mlp_ratio, rate, attention)
            for rate in rates
        )
        self.norm = nn.LayerNorm(embed_dims, eps=1e-6)

    def init_weights(self) -> None:
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        nn.init.normal_(self.cls_token, std=1e-6)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        # Last, so that weights from a checkpoint replace random ones.
        super().init_weights()

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of patches of an image, the last ones padded."""
        return math.ceil(height / self.patch_size), math.ceil(width / self.patch_size)

    def position_embedding(self, grid: tuple[int, int]) -> Tensor:
        """(1, 1 + L, D) position embedding for a grid of patches."""
        side = math.isqrt(self.pos_embed.shape[1] - 1)
        if grid == (side, side):
            return self.pos_embed
        of_class, of_patches = self.pos_embed[:, :1], self.pos_embed[:, 1:]
        # (1, L, D) -> (1, D, side, side) -> (1, D, h, w) -> (1, L, D)
        plane = of_patches.transpose(1, 2).unflatten(2, (side, side))
        resized = F.interpolate(plane, size=grid, mode='bicubic', align_corners=False)
        return torch.cat([of_class, resized.flatten(2).transpose(1, 2)], dim=1)

    def embed(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) images -> (B, 1 + L, D) tokens before the first block."""
        height, width = images.shape[-2:]
        rows, columns = grid = self.grid(height, width)
        images = F.pad(
            images,
            (0, columns * self.patch_size - width, 0, rows * self.patch_size - height),
        )
        # (B, D, h, w) -> (B, L, D)
        patches = self.patch_embed(images).flatten(2).transpose(1, 2)
        of_class = self.cls_token.expand(len(images), -1, -1)
        tokens = torch.cat([of_class, patches], dim=1)
        return tokens + self.position_embedding(grid)

    def run_block(self, index: int, tokens: Tensor) -> Tensor:
        """(B, 1 + L, D) tokens -> the same shape after block ``index``."""
        block = self.blocks[index]
        if self.with_cp and self.training:
            return checkpoint(block, tokens, use_reentrant=False)
        return block(tokens)

    def forward(
        self, images: Tensor, additions: Mapping[int, Tensor] | None = None
    ) -> Tensor:
        """Tokens of an image.

        Args:
            images: (B, 3, H, W) float, normalised.
            additions: (B, L, D) float by block: added to the patch tokens before
                the block.

        Returns:
            (B, 1 + L, D) float, normalised: the class token, then the patches in
            row order.
        """
        tokens = self.embed(images)
        for index in range(len(self.blocks)):
            if additions and index in additions:
                # The class token gets none.
                tokens = tokens + F.pad(additions[index], (0, 0, 1, 0))
            tokens = self.run_block(index, tokens)
        return self.norm(tokens)
