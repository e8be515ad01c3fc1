"""A unit vector of the scene, by which like scenes are found.

The cosine of two embeddings is to follow that of the scenes' descriptors. Two losses
over the pairs of a batch say so: the squared difference of the two cosines, and the
divergence between the two orders of neighbours, each row a softmax of its likenesses
(relational distillation as in SEED, arXiv 2101.04731, without its queue). The second
one sees the differences that decide who the nearest is; they are small, because
descriptors have no negative entries. As a batch has few pairs, a third loss asks each
image alone for the direction of its descriptor in a fixed random projection, which
keeps cosines (Johnson-Lindenstrauss; our addition).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle


@MODELS.register_module()
class RetrievalHead(ContextGlobalHead):
    """Embedding of unit length.

    Args:
        in_channels: Channels of the pooled feature.
        embedding_channels: Length of the embedding.
        hidden_channels: Width of the hidden layer.
        temperature: Difference of cosines that makes a neighbour e times as likely.
        loss_weight: Factor on the losses.

    Raises:
        ValueError: If ``temperature`` is not positive.
    """

    task = 'retrieval'
    criticality = 'enhancement'
    targets = ('scene_descriptor',)

    def __init__(
        self,
        in_channels: int,
        embedding_channels: int = 128,
        hidden_channels: int = 512,
        temperature: float = 0.1,
        loss_weight: float = 0.4,
    ) -> None:
        super().__init__(
            in_channels, embedding_channels, hidden_channels, loss_weight=loss_weight
        )
        if temperature <= 0:
            raise ValueError(
                f'RetrievalHead: temperature must be > 0, got {temperature}'
            )
        self.temperature = temperature
        # No buffer: its size is the labels', and ranks that have seen none yet would
        # have another one to synchronise.
        self._anchors: Tensor | None = None

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'embedding': ('B', self.num_outputs)}

    @property
    def loss_names(self) -> tuple[str, ...]:
        return ('loss_retrieval', 'loss_retrieval_order', 'loss_retrieval_anchor')

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        return {'embedding': F.normalize(super().forward(features)['logits'], dim=-1)}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(K, E) unit embeddings against (K, D) float descriptors, nan read as 0."""
        with torch.autocast(outputs['embedding'].device.type, enabled=False):
            own = outputs['embedding'].float()
            wanted = F.normalize(targets['scene_descriptor'].float().nan_to_num())
            losses = likeness_losses(own, wanted, self.temperature)
            anchor = F.normalize(wanted @ self._projection(wanted))
            losses.append((1 - (own * anchor).sum(dim=-1)).mean())
        return dict(zip(self.loss_names, losses, strict=True))

    def predict(self, outputs) -> dict[str, Tensor]:
        """``embedding``: (B, E) float of unit length."""
        return {'embedding': outputs['embedding'].float()}

    def _projection(self, wanted: Tensor) -> Tensor:
        """(D, E) float32, made once for descriptors of one length on one device."""
        known = self._anchors
        if (
            known is None
            or len(known) != wanted.shape[1]
            or known.device != wanted.device
        ):
            known = self._anchors = _projection(wanted, self.num_outputs)
        return known


def likeness_losses(own: Tensor, wanted: Tensor, temperature: float) -> list[Tensor]:
    """Squared difference and divergence of two likeness matrices.

    Args:
        own: (K, E) float of unit length.
        wanted: (K, D) float of unit length.
        temperature: Of the softmax over the others of each row.

    Returns:
        Two scalars; connected zeros for fewer than two, or two, rows.
    """
    count = len(own)
    zero = connected_zero([own])
    if count < 2:
        return [zero, zero]
    # (K, K) -> (K, K - 1), without the diagonal
    others = ~torch.eye(count, dtype=torch.bool, device=own.device)
    likeness = (own @ own.T)[others].view(count, count - 1)
    truth = (wanted @ wanted.T)[others].view(count, count - 1)
    order = F.kl_div(
        (likeness / temperature).log_softmax(dim=-1),
        (truth / temperature).log_softmax(dim=-1),
        reduction='batchmean',
        log_target=True,
    )
    return [F.mse_loss(likeness, truth), order if count > 2 else order + zero]


def _projection(like: Tensor, length: int) -> Tensor:
    """(D, length) float32, the same for the same D on every machine."""
    rows = torch.arange(like.shape[1], dtype=torch.float64)[:, None] + 1
    columns = torch.arange(length, dtype=torch.float64)[None] + 1
    # Fractions of a chaotic sequence, as good as random here; no generator involved.
    noise = ((rows * 12.9898 + columns * 78.233).sin() * 43758.5453).frac().abs()
    return (noise - 0.5).to(like)
