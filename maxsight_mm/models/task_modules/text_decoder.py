"""From the score and corner maps of the text detector to the texts of an image."""

import torch
from torch import Tensor

from .text_maps import grid_points
from .text_quads import merge_quads

TEXT_STRIDE = 4


class TextDecoder:
    """Threshold, suppression of overlapping quads, and the best ``max_texts``.

    Args:
        score_thr: Least score of a text.
        nms_pre: Best locations of an image that become quads.
        iou_thr: Overlap from which the worse of two quads goes into the better.
        max_texts: Most texts of an image.
    """

    def __init__(
        self,
        score_thr: float = 0.5,
        nms_pre: int = 300,
        iou_thr: float = 0.3,
        max_texts: int = 16,
    ) -> None:
        self.score_thr = score_thr
        self.nms_pre = nms_pre
        self.iou_thr = iou_thr
        self.max_texts = max_texts

    @torch.no_grad()
    def __call__(self, logits: Tensor, offsets: Tensor) -> list[tuple[Tensor, Tensor]]:
        """For each image quads (K, 4, 2) float pixels and scores (K,), best first.

        Args:
            logits: (B, 1, h, w) of the score.
            offsets: (B, 8, h, w) pixels from the location to the corners.
        """
        scores, quads = logits.float().flatten(1).sigmoid(), quads_of(offsets)
        found = []
        for score, quad in zip(scores, quads, strict=True):
            best, index = score.topk(min(self.nms_pre, len(score)))
            finite = quad[index].isfinite().all(-1).all(-1)
            index = index[(best >= self.score_thr) & finite]
            found.append(
                merge_quads(quad[index], score[index], self.iou_thr, self.max_texts)
            )
        return found


def quads_of(offsets: Tensor) -> Tensor:
    """(B, 8, h, w) pixels -> (B, h*w, 4, 2) float32 corners in the image."""
    height, width = offsets.shape[-2:]
    points = grid_points(height, width, TEXT_STRIDE, offsets.device)
    flat = offsets.float().flatten(2).transpose(1, 2)
    return points[:, None] + flat.unflatten(-1, (4, 2))
