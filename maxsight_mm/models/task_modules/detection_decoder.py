"""From the answers of all locations to the detections of an image."""

import torch
from mmcv.ops import batched_nms
from mmengine.structures import InstanceData
from torch import Tensor

from maxsight_mm.registry import TASK_UTILS


@TASK_UTILS.register_module()
class DetectionDecoder:
    """Threshold, non-maximum suppression within a class, and the best ``max_num``.

    The score of a location is its objectness times its best class score; each
    location names one class.

    Args:
        score_thr: Locations below it are not detections.
        nms_pre: Best locations of an image that enter the suppression.
        iou_threshold: Overlap above which the lower-scored of two boxes of one
            class is dropped.
        max_per_img: Most detections of an image.
    """

    def __init__(
        self,
        score_thr: float = 0.05,
        nms_pre: int = 1000,
        iou_threshold: float = 0.5,
        max_per_img: int = 100,
    ) -> None:
        self.score_thr = score_thr
        self.nms_pre = nms_pre
        self.iou_threshold = iou_threshold
        self.max_per_img = max_per_img

    def __call__(
        self,
        answers: dict[str, dict[str, Tensor]],
        index: int,
        image_shape: tuple[int, int],
    ) -> InstanceData:
        """Detections of one image of a batch.

        Args:
            answers: Predictions of the safety heads, by task.
            index: Which image of the batch.
            image_shape: Height and width without padding; boxes are clipped to it.

        Returns:
            ``bboxes`` (M, 4) float, ``scores`` (M,) float, ``labels`` (M,) int64,
            best first, and where the heads are there ``zones`` (M,) int64 with
            ``zone_scores`` (M, 3) and ``urgencies`` (M,) int64 with
            ``urgency_scores`` (M, 4).
        """
        class_score, label = answers['classification']['scores'][index].max(dim=-1)
        score = answers['objectness']['scores'][index] * class_score
        score, kept = score.topk(min(self.nms_pre, score.numel()))
        # nan sorts first and is no detection: it may not shift the others.
        above = score > self.score_thr
        kept, score = kept[above], score[above]
        height, width = image_shape
        boxes = answers['box']['boxes'][index][kept]
        limit = boxes.new_tensor([width, height, width, height])
        boxes = torch.minimum(boxes.clamp(min=0), limit)
        if len(kept):
            _, best = batched_nms(
                boxes,
                score,
                label[kept],
                dict(type='nms', iou_threshold=self.iou_threshold),
            )
            best = best[: self.max_per_img]
        else:
            best = kept
        kept = kept[best]
        found = InstanceData(bboxes=boxes[best], scores=score[best], labels=label[kept])
        if 'distance' in answers:
            found.zone_scores = answers['distance']['scores'][index][kept]
            found.zones = found.zone_scores.argmax(dim=-1)
        if 'object_urgency' in answers:
            found.urgency_scores = answers['object_urgency']['scores'][index][kept]
            found.urgencies = answers['object_urgency']['labels'][index][kept]
        return found
