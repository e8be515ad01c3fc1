"""Objects that know of each other: attention over the complete graph of an image.

Message passing with edge features: attention weights are biased, and messages are
added to, by what the geometry of the pair says (relative positions as in arXiv
1803.02155, geometry as in Relation Networks, arXiv 1711.11575). Layers are pre-norm.
Nothing depends on the order of the objects, and padded ones send nothing.
"""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .box_geometry import NUM_PAIR_NUMBERS


@MODELS.register_module()
class GraphEncoder(BaseModule):
    """Layers of message passing between the objects of an image.

    Args:
        in_channels: Channels of the object features.
        hidden_channels: Width of the nodes, a multiple of ``num_heads``.
        edge_channels: Width of the edge features.
        num_layers: Rounds of messages; 0 leaves the nodes to themselves.
        num_heads: Attention heads.

    Raises:
        ValueError: If ``num_heads`` does not divide ``hidden_channels``.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 384,
        edge_channels: int = 64,
        num_layers: int = 3,
        num_heads: int = 6,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if hidden_channels % num_heads:
            raise ValueError(
                f'GraphEncoder: hidden_channels {hidden_channels} is no multiple of '
                f'num_heads {num_heads}'
            )
        self.embed = nn.Linear(in_channels, hidden_channels)
        self.edges = nn.Sequential(
            nn.Linear(NUM_PAIR_NUMBERS, edge_channels),
            nn.ReLU(inplace=True),
            nn.Linear(edge_channels, edge_channels),
            nn.ReLU(inplace=True),
        )
        self.layers = nn.ModuleList(
            [
                GraphLayer(hidden_channels, edge_channels, num_heads)
                for _ in range(num_layers)
            ]
        )

    def forward(
        self, nodes: Tensor, geometry: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Encode.

        Args:
            nodes: (B, M, in_channels) float.
            geometry: (B, M, M, 14) float of :func:`pair_geometry`.
            mask: (B, M) bool, False where padded.

        Returns:
            Nodes (B, M, hidden_channels), zeros where padded, and edges
            (B, M, M, edge_channels).
        """
        edges = self.edges(geometry.to(nodes))
        nodes = self.embed(nodes)
        for layer in self.layers:
            nodes = layer(nodes, edges, mask)
        return nodes.masked_fill(~mask.unsqueeze(-1), 0.0), edges


class GraphLayer(nn.Module):
    """One round: each object reads the others, then thinks for itself."""

    def __init__(self, channels: int, edge_channels: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.norm = nn.LayerNorm(channels)
        self.query = nn.Linear(channels, channels, bias=False)
        self.key_value = nn.Linear(channels, 2 * channels, bias=False)
        self.edge_bias = nn.Linear(edge_channels, num_heads, bias=False)
        self.edge_value = nn.Linear(edge_channels, channels // num_heads)
        self.out = nn.Linear(channels, channels)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, 4 * channels),
            nn.GELU(),
            nn.Linear(4 * channels, channels),
        )

    def forward(self, nodes: Tensor, edges: Tensor, mask: Tensor) -> Tensor:
        """(B, M, C) nodes, (B, M, M, E) edges and (B, M) bool to (B, M, C) nodes."""
        normed = self.norm(nodes)
        query = self._by_head(self.query(normed))
        key, value = (self._by_head(x) for x in self.key_value(normed).chunk(2, dim=-1))
        weights = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        # (B, M, M, heads) -> (B, heads, M, M)
        weights = weights + self.edge_bias(edges).permute(0, 3, 1, 2)
        # Finite, so that an image without objects gives no nan.
        blocked = ~mask[:, None, None, :]
        weights = weights.float().masked_fill(blocked, -1e9).softmax(dim=-1).to(value)
        read = weights @ value
        # (B, heads, M, M) x (B, M, M, C / heads) -> (B, heads, M, C / heads)
        read = read + torch.einsum('bhij,bijd->bhid', weights, self.edge_value(edges))
        # (B, heads, M, C / heads) -> (B, M, C)
        nodes = nodes + self.out(read.transpose(1, 2).flatten(2))
        return nodes + self.mlp(nodes)

    def _by_head(self, x: Tensor) -> Tensor:
        # (B, M, C) -> (B, heads, M, C / heads)
        return x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
