"""Cross-attention fusion: the CNN's pooled feature asks the ViT's tokens.

The project's specification attends to the class token alone, where the softmax
over one key is always 1; here the keys are all tokens, as in arXiv 2103.14899.
"""

from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .attention import AttentionKind, CrossAttention


@MODELS.register_module()
class CrossAttentionFusion(BaseModule):
    """One query of the CNN over all ViT tokens, then a feed-forward network.

    Args:
        cnn_channels: Channels of the CNN's pooled feature.
        vit_channels: Channels of the tokens.
        out_channels: Channels of the result and of the attention.
        num_heads: Attention heads.
        attention: ``sdpa`` or ``naive``.
    """

    def __init__(
        self,
        cnn_channels: int,
        vit_channels: int,
        out_channels: int,
        num_heads: int = 8,
        attention: AttentionKind = 'sdpa',
    ) -> None:
        super().__init__()
        self.query = nn.Linear(cnn_channels, out_channels)
        self.attend = CrossAttention(out_channels, vit_channels, num_heads, attention)
        self.norm = nn.LayerNorm(out_channels)
        self.ffn = nn.Sequential(
            nn.Linear(out_channels, out_channels * 2),
            nn.GELU(),
            nn.Linear(out_channels * 2, out_channels),
        )

    def forward(self, cnn: Tensor, tokens: Tensor) -> Tensor:
        """(B, C_cnn) and (B, 1 + L, D_vit), class token first -> (B, C_out)."""
        query = self.query(cnn)[:, None]
        # (B, 1, C_out) -> (B, C_out)
        mixed = (query + self.attend(query, tokens))[:, 0]
        return mixed + self.ffn(self.norm(mixed))
