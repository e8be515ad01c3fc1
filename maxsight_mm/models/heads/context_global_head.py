"""Base of the context heads that answer once an image."""

from typing import ClassVar

from torch import Tensor

from maxsight_mm.structures import FeatureBundle

from .global_head import GlobalHead


class ContextGlobalHead(GlobalHead):
    """:class:`GlobalHead` on the pooled features of the context pass.

    Where cross-task attention runs, the head's own token is added to what it reads.
    """

    inputs: ClassVar[tuple[str, ...]] = ('context_pooled',)
    optional_inputs: ClassVar[tuple[str, ...]] = ('task_tokens',)

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        pooled = features[self.inputs[0]]
        token = features.get('task_tokens', {}).get(self.task)
        return {'logits': self.mlp(pooled if token is None else pooled + token)}
