"""Where is something written: rotated quads (EAST, arXiv 1704.03155, QUAD geometry).

Each location says whether it lies in the core of a text, and how far its four
corners are. Instead of EAST's balanced cross entropy over all locations, the score
is taught with the dice loss and cross entropy over the texts and the hardest
background locations: at stride 4 a street has some ten text locations in three
thousand, and a balanced mean lets too many of the others pass.
"""

import torch
import torch.nn.functional as F
from mmengine.model import bias_init_with_prob, normal_init
from torch import Tensor

from maxsight_mm.models.heads import MapHead
from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.models.task_modules.text_decoder import (
    TEXT_STRIDE,
    TextDecoder,
    quads_of,
)
from maxsight_mm.models.task_modules.text_maps import TextMaps, text_maps
from maxsight_mm.registry import MODELS

# Pixels that an output of one stands for.
_OFFSET_UNIT_PX = 16.0
_NEGATIVES_PER_POSITIVE = 3
_MIN_NEGATIVES = 64


@MODELS.register_module()
class TextDetectionHead(MapHead):
    """Score and four corners at every location of ``context_fine``.

    Target ``text_regions``: (B, R, 9) float, the four corners in pixels of the
    network's input and 0 nothing, 1 text, 2 illegible; finite where an image's
    texts are labelled, also where it has none. Illegible text is neither taught nor
    held against the head.

    Args:
        in_channels: Channels of ``context_fine``.
        hidden_channels: Width of the convolutions.
        shrink: Border of a text that does not count as its core, in shorter sides.
        decoder: Settings of :class:`TextDecoder`.
        loss_weight: Factor on the losses.
    """

    task = 'text_detection'
    criticality = 'enhancement'
    targets = ('text_regions',)

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int = 128,
        shrink: float = 0.3,
        decoder: dict | None = None,
        loss_weight: float = 0.4,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(in_channels, 9, hidden_channels, loss_weight, init_cfg)
        self.shrink = shrink
        self.decoder = TextDecoder(**(decoder or {}))

    def init_weights(self) -> None:
        super().init_weights()
        normal_init(self.predictor, std=0.01)
        assert self.predictor.bias is not None
        with torch.no_grad():
            self.predictor.bias[0] = bias_init_with_prob(0.01)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', 1, 'h', 'w'), 'offsets': ('B', 8, 'h', 'w')}

    @property
    def loss_names(self) -> tuple[str, ...]:
        return ('loss_text_detection_score', 'loss_text_detection_quad')

    def forward(self, features) -> dict[str, Tensor]:
        """``offsets``: x and y of each corner less the location's, in pixels."""
        maps = super().forward(features)['logits']
        return {'logits': maps[:, :1], 'offsets': maps[:, 1:] * _OFFSET_UNIT_PX}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Dice and cross entropy of the score, smooth L1 of the corners in heights."""
        logits = outputs['logits'].float().flatten(1)  # (K, 1, h, w) -> (K, P)
        height, width = outputs['logits'].shape[-2:]
        maps = text_maps(
            targets['text_regions'], height, width, TEXT_STRIDE, self.shrink
        )
        quads = quads_of(outputs['offsets'])[maps.score]
        apart = (quads - maps.quads[maps.score]) / maps.heights[maps.score][
            :, None, None
        ]
        corner = F.smooth_l1_loss(apart, torch.zeros_like(apart), reduction='sum')
        return {
            'loss_text_detection_score': _score_loss(logits, maps),
            'loss_text_detection_quad': corner / max(apart.numel(), 1)
            + connected_zero([outputs['offsets']]),
        }

    def predict(self, outputs) -> dict[str, list[Tensor]]:
        """For each image ``quads`` (K, 4, 2) pixels and ``scores`` (K,), best first."""
        found = self.decoder(outputs['logits'], outputs['offsets'])
        return {'quads': [q for q, _ in found], 'scores': [s for _, s in found]}


def _score_loss(logits: Tensor, maps: TextMaps) -> Tensor:
    """Dice loss plus cross entropy with the hardest background of the batch."""
    counted = maps.counted.to(logits)
    wanted = maps.score.to(logits)
    score = logits.sigmoid() * counted
    shared = (score * wanted).sum()
    dice = 1 - (2 * shared + 1) / (score.sum() + wanted.sum() + 1)
    costs = F.binary_cross_entropy_with_logits(logits, wanted, reduction='none')
    background = costs[maps.counted & ~maps.score]
    num_positives = int(maps.score.sum())
    num_hard = max(
        _NEGATIVES_PER_POSITIVE * num_positives, _MIN_NEGATIVES * len(logits)
    )
    hard = background.topk(min(num_hard, len(background))).values
    total = costs[maps.score].sum() + hard.sum()
    return dice + total / max(num_positives + len(hard), 1)
