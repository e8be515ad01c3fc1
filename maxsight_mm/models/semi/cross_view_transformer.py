"""The boxes of one part, seen in several views, agree on what is there.

A defect that one light hides another shows. Every box that a detector found on the
views of a part becomes a token: its region feature, its place, its class and score.
Self-attention over all tokens of the part, drawn to boxes that overlap as in arXiv
1711.11575, gives each a correction of its score, added to the logit; it starts at zero,
so that an untaught transformer changes nothing. It learns on labelled views whether a
box was true. Our design, with the encoder layer of arXiv 1706.03762 in pre-norm order.
"""

from collections.abc import Hashable, Sequence

import torch
import torch.nn.functional as F
from mmdet.structures.bbox import bbox2roi, bbox_overlaps
from mmengine.model import BaseModule
from torch import Tensor, nn

from maxsight_mm.registry import MODELS

from .teacher_views import TeacherViews

_EPS = 1e-4
_FIRST_SLOPE = 4.0


@MODELS.register_module()
class CrossViewTransformer(BaseModule):
    """Region features of a part's views -> a corrected logit for each box.

    Args:
        num_classes: Classes of the detector.
        roi_extractor: MMDetection's region extractor on the pyramid; its
            ``out_channels`` and ``roi_layer.output_size`` set the size of a token.
        embed_dims: Channels of a token.
        num_layers: Encoder layers.
        num_heads: Attention heads; they divide ``embed_dims``.
        max_views: Views that get a place of their own; later ones share it in turn.
        max_boxes: Boxes a view, best first, that take part; the others keep their
            score.
    """

    def __init__(
        self,
        num_classes: int,
        roi_extractor: dict,
        embed_dims: int = 128,
        num_layers: int = 2,
        num_heads: int = 4,
        max_views: int = 8,
        max_boxes: int = 32,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.max_views = max_views
        self.max_boxes = max_boxes
        self.roi_extractor = MODELS.build(roi_extractor)
        size = self.roi_extractor.roi_layers[0].output_size
        region_dims = self.roi_extractor.out_channels * size[0] * size[1]
        self.region = nn.Sequential(
            nn.Linear(region_dims, embed_dims), nn.LayerNorm(embed_dims)
        )
        # Centre, size and the logit of the score.
        self.place = nn.Linear(5, embed_dims)
        self.label = nn.Embedding(num_classes, embed_dims)
        self.view = nn.Embedding(max_views, embed_dims)
        layer = nn.TransformerEncoderLayer(
            embed_dims,
            num_heads,
            2 * embed_dims,
            dropout=0.0,
            activation='gelu',
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, num_layers, nn.LayerNorm(embed_dims), enable_nested_tensor=False
        )
        # What an overlap of 1 adds to the attention of each head.
        self.overlap_slope = nn.Parameter(torch.full((num_heads,), _FIRST_SLOPE))
        self.correction = nn.Linear(embed_dims, 1)

    def init_weights(self) -> None:
        super().init_weights()
        nn.init.zeros_(self.correction.weight)
        nn.init.zeros_(self.correction.bias)

    def forward(self, views: TeacherViews) -> list[Tensor]:
        """Logit of each box being true, the views of each part considered.

        Args:
            views: N views with their boxes; those of one part share ``part_id``.

        Returns:
            N tensors (n,) float32 in the order of the boxes; the first ``max_boxes``
            are corrected, the logit of the score stands for the others.
        """
        logits = [torch.logit(boxes.scores.float(), _EPS) for boxes in views.boxes]
        taken = [min(len(each), self.max_boxes) for each in logits]
        if sum(taken) == 0:
            return logits
        boxes = [views.original_boxes(i)[:n] for i, n in enumerate(taken)]
        tokens = self._tokens(views, logits, boxes).split(taken)
        # part -> its views
        members: dict[Hashable, list[int]] = {}
        for index, part in enumerate(views.part_ids):
            members.setdefault(part, []).append(index)
        corrections = self.correction(
            self.encoder(
                _by_part(tokens, members), mask=self._attention(boxes, members)
            )
        ).squeeze(-1)
        corrected = list(logits)
        for row, group in enumerate(members.values()):
            sizes = [taken[i] for i in group]
            for index, delta in zip(
                group, corrections[row, : sum(sizes)].split(sizes), strict=True
            ):
                delta = F.pad(delta.float(), (0, len(logits[index]) - len(delta)))
                corrected[index] = logits[index] + delta
        return corrected

    def _attention(
        self, boxes: list[Tensor], members: dict[Hashable, list[int]]
    ) -> Tensor:
        """(P * heads, L, L) what is added to the attention of token pairs."""
        padded = _by_part(boxes, members)
        overlaps = bbox_overlaps(padded, padded)
        bias = self.overlap_slope[:, None, None] * overlaps[:, None]
        counts = [sum(len(boxes[i]) for i in group) for group in members.values()]
        # A part without boxes attends to its own padding, which nobody reads.
        lengths = torch.tensor(counts, device=padded.device).clamp(min=1)
        empty = torch.arange(padded.shape[1], device=padded.device) >= lengths[:, None]
        return bias.masked_fill(empty[:, None, None], -torch.inf).flatten(0, 1)

    def _tokens(
        self, views: TeacherViews, logits: list[Tensor], boxes: list[Tensor]
    ) -> Tensor:
        """(n, D), view after view, for boxes in pixels of the original pictures."""
        taken = [len(each) for each in boxes]
        rois = bbox2roi(
            [each.bboxes[:n] for each, n in zip(views.boxes, taken, strict=True)]
        )
        regions = self.roi_extractor(views.feats[: self.roi_extractor.num_inputs], rois)
        places = []
        for sample, each, scores in zip(views.samples, boxes, logits, strict=True):
            height, width = sample.ori_shape[:2]
            x0, y0, x1, y1 = each.unbind(dim=1)
            places.append(
                torch.stack(
                    [
                        (x0 + x1) / (2 * width),
                        (y0 + y1) / (2 * height),
                        (x1 - x0) / width,
                        (y1 - y0) / height,
                        scores[: len(each)] / 4,
                    ],
                    dim=1,
                )
            )
        labels = [each.labels[:n] for each, n in zip(views.boxes, taken, strict=True)]
        view_ids = torch.tensor(views.view_ids, device=views.device) % self.max_views
        repeats = torch.tensor(taken, device=views.device)
        return (
            self.region(regions.flatten(1))
            + self.place(torch.cat(places))
            + self.label(torch.cat(labels))
            + self.view(view_ids.repeat_interleave(repeats))
        )


def _by_part(rows: Sequence[Tensor], members: dict[Hashable, list[int]]) -> Tensor:
    """(P, L, D): the rows (n, D) of each part's views, padded with zeros."""
    return nn.utils.rnn.pad_sequence(
        [torch.cat([rows[i] for i in group]) for group in members.values()],
        batch_first=True,
    )
