"""How objects stand to each other: one relation, or none, for each ordered pair.

Nodes and edges of :class:`GraphEncoder` go through a small network a pair. Most
pairs are unrelated; the cross entropy therefore weighs labels by the inverse of a
power of their share, kept as running counts (class-balanced loss in the spirit of
arXiv 1901.05555; our power 0.5, which keeps precision).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maxsight_mm.models.heads import BaseHead
from maxsight_mm.models.scene_graph.box_geometry import pair_geometry
from maxsight_mm.models.scene_graph.graph_encoder import GraphEncoder
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.predicates import RELATIONS

_MOMENTUM = 0.05


@MODELS.register_module()
class SemanticRelationHead(BaseHead):
    """Relation of each ordered pair, row the subject, column the object.

    Args:
        in_channels: Channels of the object features.
        hidden_channels: Width of the nodes and of the pairs.
        edge_channels: Width of the edges.
        num_layers: Rounds of messages between the objects.
        num_heads: Attention heads.
        balance: Power of the inverse share that weighs a label; 0 weighs all alike.
        loss_weight: Factor on the loss.
    """

    task = 'semantic_relation'
    criticality = 'enhancement'
    inputs = ('instance_features', 'instance_boxes', 'instance_mask', 'images')
    targets = ('relation_labels',)
    outputs = {'logits': ('B', 'M', 'M', len(RELATIONS))}

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 384,
        edge_channels: int = 64,
        num_layers: int = 3,
        num_heads: int = 6,
        balance: float = 0.5,
        loss_weight: float = 0.3,
    ) -> None:
        super().__init__(loss_weight)
        self.balance = balance
        self.graph = GraphEncoder(
            in_channels, hidden_channels, edge_channels, num_layers, num_heads
        )
        self.norm = nn.LayerNorm(hidden_channels)
        self.subject = nn.Linear(hidden_channels, hidden_channels)
        self.object = nn.Linear(hidden_channels, hidden_channels, bias=False)
        self.edge = nn.Linear(edge_channels, hidden_channels, bias=False)
        self.pair = nn.Sequential(
            nn.LayerNorm(hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, len(RELATIONS)),
        )
        shares = torch.full((len(RELATIONS),), 1 / len(RELATIONS))
        self.register_buffer('shares', shares)

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        nodes, boxes, mask, images = (features[name] for name in self.inputs)
        geometry = pair_geometry(boxes, tuple(images.shape[-2:]))
        nodes, edges = self.graph(nodes, geometry, mask)
        nodes = self.norm(nodes)
        pairs = self.subject(nodes)[:, :, None] + self.object(nodes)[:, None]
        return {'logits': self.pair(pairs + self.edge(edges))}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(P, K) logits against (P,) int64 labels, mean with weights of the labels."""
        logits, labels = outputs['logits'].float(), targets['relation_labels']
        if self.training:
            seen = F.one_hot(labels, len(RELATIONS)).float().mean(dim=0)
            self.shares.lerp_(seen, _MOMENTUM)
        weight = self.shares.clamp(min=1e-3) ** -self.balance
        losses = F.cross_entropy(logits, labels, reduction='none') * weight[labels]
        # By the weights of all, not of these labels: a batch of 'none' alone then
        # counts little, in place of as much as any other.
        expected = (self.shares * weight).sum()
        return {'loss_semantic_relation': losses.mean() / expected}

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, M, M, K) adding up to 1, ``labels`` (B, M, M) int64.

        Labels are indices of ``RELATIONS``, 0 on the diagonal.
        """
        scores = outputs['logits'].float().softmax(dim=-1)
        itself = torch.eye(scores.shape[1], dtype=torch.bool, device=scores.device)
        labels = scores.argmax(dim=-1).masked_fill(itself, 0)
        return {'scores': scores, 'labels': labels}
