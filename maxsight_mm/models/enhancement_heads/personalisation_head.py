"""Whether this user is to be told of this object.

The user's eight preferences (``taxonomy/preferences.py``) modulate the hidden layer
of each object (FiLM, arXiv 1709.07871). Danger is out of their reach by construction:
a second branch that does not see the user answers whether an object is a danger, and
the alert's logit is the smooth maximum of the two branches, hence never below it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maxsight_mm.models.heads import InstanceHead
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.preferences import PREFERENCES


@MODELS.register_module()
class PersonalisationHead(InstanceHead):
    """One alert logit an object, and one of danger that no user can lower.

    Args:
        in_channels: Channels of the object features.
        hidden_channels: Width of the hidden layers.
        loss_weight: Factor on the losses.
    """

    task = 'personalisation'
    criticality = 'enhancement'
    inputs = ('instance_features', 'user')
    targets = ('alerts', 'danger_alerts')
    outputs = {'logits': ('B', 'M'), 'danger_logits': ('B', 'M')}

    def __init__(
        self, in_channels: int, hidden_channels: int = 256, loss_weight: float = 0.3
    ) -> None:
        # The MLP of the base answers for danger.
        super().__init__(in_channels, 1, hidden_channels, loss_weight=loss_weight)
        self.embed = nn.Linear(in_channels, hidden_channels)
        self.film = nn.Sequential(
            nn.Linear(len(PREFERENCES), hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, 2 * hidden_channels),
        )
        self.wish = nn.Sequential(
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, hidden_channels),
            nn.ReLU(inplace=True),
            nn.Linear(hidden_channels, 1),
        )

    @property
    def loss_names(self) -> tuple[str, ...]:
        return ('loss_personalisation', 'loss_personalisation_danger')

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        found, user = (features[name] for name in self.inputs)
        danger = self.mlp(found).squeeze(-1).float()
        # (B, 8) -> (B, 1, C) each
        scale, shift = self.film(user).unsqueeze(1).chunk(2, dim=-1)
        wish = self.wish(self.embed(found) * (1 + scale) + shift).squeeze(-1).float()
        return {'logits': torch.logaddexp(wish, danger), 'danger_logits': danger}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """(K,) logits of either branch against (K,) int64 0 or 1."""
        return {
            'loss_personalisation': F.binary_cross_entropy_with_logits(
                outputs['logits'].float(), targets['alerts'].float()
            ),
            'loss_personalisation_danger': F.binary_cross_entropy_with_logits(
                outputs['danger_logits'].float(), targets['danger_alerts'].float()
            ),
        }

    def predict(self, outputs) -> dict[str, Tensor]:
        """``scores`` (B, M) float in [0, 1], ``labels`` (B, M) int64, 1 to be told."""
        scores = outputs['logits'].sigmoid()
        return {'scores': scores, 'labels': (scores >= 0.5).long()}
