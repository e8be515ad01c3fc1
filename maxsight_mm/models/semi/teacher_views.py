"""What a teacher saw: the weak views, their features and the boxes found on them."""

from dataclasses import dataclass

import torch
from mmdet.structures import SampleList
from mmdet.structures.bbox import bbox_project
from mmengine.structures import InstanceData
from torch import Tensor


@dataclass
class TeacherViews:
    """One batch of views as the teacher took them in.

    Attributes:
        feats: Pyramid levels, each (N, C, H, W) float.
        samples: N samples with ``homography_matrix``, ``img_shape``, ``ori_shape``.
        boxes: N results, best score first: ``bboxes`` (n, 4) xyxy pixels of the weak
            view, ``scores`` (n,) in [0, 1], ``labels`` (n,) int64.
    """

    feats: tuple[Tensor, ...]
    samples: SampleList
    boxes: list[InstanceData]

    @property
    def device(self) -> torch.device:
        return self.feats[0].device

    @property
    def metainfos(self) -> list[dict]:
        return [sample.metainfo for sample in self.samples]

    @property
    def part_ids(self) -> list[int]:
        """Part of each view; a view that names none is a part of its own."""
        return [
            int(meta.get('part_id', -1 - index))
            for index, meta in enumerate(self.metainfos)
        ]

    @property
    def view_ids(self) -> list[int]:
        return [int(meta.get('view_id', 0)) for meta in self.metainfos]

    def homography(self, index: int) -> Tensor:
        """(3, 3) float32 from pixels of the original picture to those of the view."""
        matrix = self.samples[index].homography_matrix
        return torch.as_tensor(matrix, dtype=torch.float32, device=self.device)

    def original_boxes(self, index: int) -> Tensor:
        """(n, 4) xyxy boxes of one view in pixels of the original picture."""
        return bbox_project(
            self.boxes[index].bboxes,
            self.homography(index).inverse(),
            self.samples[index].ori_shape,
        )
