"""Non-maximum suppression within a class, eager and as one standard ONNX operator.

It decides as ``mmcv.ops.batched_nms`` does: boxes of class c are moved by
c * (largest coordinate + 1), so that a single suppression does for all classes and
float32 rounds alike in both. Shapes do not depend on what is found: answers are
padded, and every K of a TopK is a constant, which TensorRT asks for.
"""

import torch
from mmcv.ops import nms
from torch import Tensor


class _NonMaxSuppression(torch.autograd.Function):
    """``onnx::NonMaxSuppression`` when exported, mmcv's operator when run."""

    @staticmethod
    def forward(ctx, boxes, scores, iou_threshold: float, max_num: int) -> Tensor:
        """(B, K, 4) boxes and (B, 1, K) scores -> (S, 3) int64 image, 0, box."""
        selected = [boxes.new_zeros((0, 3), dtype=torch.int64)]
        for image in range(int(boxes.shape[0])):
            (positive,) = (scores[image, 0] > 0).nonzero(as_tuple=True)
            if positive.numel() == 0:
                continue
            kept = nms(
                boxes[image, positive], scores[image, 0, positive], iou_threshold
            )[1][:max_num]
            row = positive.new_zeros((kept.numel(), 3))
            row[:, 0] = image
            row[:, 2] = positive[kept]
            selected.append(row)
        return torch.cat(selected)

    @staticmethod
    def symbolic(g, boxes, scores, iou_threshold: float, max_num: int):
        return g.op(
            'NonMaxSuppression',
            boxes,
            scores,
            g.op('Constant', value_t=torch.tensor([max_num])),
            g.op('Constant', value_t=torch.tensor([iou_threshold])),
            g.op('Constant', value_t=torch.tensor([0.0])),
        )


@torch.library.custom_op('maxsight_mm::non_max_suppression', mutates_args=())
def non_max_suppression(
    boxes: Tensor, scores: Tensor, iou_threshold: float, max_num: int
) -> Tensor:
    """The same as an operator of torch's, for programs of ``torch.export``."""
    return _NonMaxSuppression.apply(boxes, scores, iou_threshold, max_num)


@non_max_suppression.register_fake
def _(boxes, scores, iou_threshold, max_num):
    found = torch.library.get_ctx().new_dynamic_size()
    return boxes.new_empty((found, 3), dtype=torch.int64)


def class_wise_nms(
    boxes: Tensor, scores: Tensor, labels: Tensor, iou_threshold: float, max_num: int
) -> tuple[Tensor, Tensor]:
    """The best boxes of each image, of which no two of one class overlap much.

    Args:
        boxes: (B, K, 4) float xyxy in pixels.
        scores: (B, K) float; 0 marks what is no candidate.
        labels: (B, K) int64, suppression stays within a label.
        iou_threshold: Overlap above which the lower-scored box is dropped.
        max_num: Most boxes of an image.

    Returns:
        Scores (B, max_num), best first and 0 where there is no more, and the places
        (B, max_num) int64 among K; a place where the score is 0 means nothing.
    """
    candidate = scores > 0
    reach = torch.where(candidate[..., None], boxes, torch.zeros_like(boxes))
    reach = reach.amax(dim=(1, 2), keepdim=True) + 1
    moved = boxes + labels[..., None].to(boxes.dtype) * reach
    suppress = (
        non_max_suppression
        if torch.compiler.is_exporting()
        else _NonMaxSuppression.apply
    )
    selected = suppress(moved, scores[:, None], float(iou_threshold), int(max_num))
    # (S,) places among (B*K,)
    places = selected[:, 0] * scores.shape[1] + selected[:, 2]
    kept = torch.zeros_like(scores).flatten()
    kept = kept.scatter(0, places, torch.ones_like(places, dtype=scores.dtype))
    return padded_topk(scores * kept.reshape(scores.shape), max_num)


def padded_topk(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The ``k`` highest of each row, padded where a row is shorter.

    Args:
        scores: (B, K) float, at least 0.
        k: Columns of the answer.

    Returns:
        Scores (B, k) with 0 as padding and places (B, k) int64 with 0 as padding.
    """
    padded = torch.cat([scores, scores.new_zeros((scores.shape[0], k))], dim=1)
    # Not Tensor.topk: mmdeploy would rewrite it to a K that is no constant.
    values, places = torch.ops.aten.topk(padded, k)
    return values, torch.where(values > 0, places, torch.zeros_like(places))


def gather_rows(values: Tensor, places: Tensor) -> Tensor:
    """(B, K, C) and (B, M) places -> (B, M, C)."""
    return values.gather(1, places[..., None].expand(-1, -1, values.shape[-1]))
