"""What a teacher saw: the weak views, their features and the boxes found on them."""

from collections.abc import Hashable
from dataclasses import dataclass
from zlib import crc32

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
    def part_ids(self) -> list[Hashable]:
        """Part of each view, number or text; a view without one is its own."""
        return [
            ('no part', index) if meta.get('part_id') is None else meta['part_id']
            for index, meta in enumerate(self.metainfos)
        ]

    @property
    def view_ids(self) -> list[int]:
        """Number of each view, one that is the same for the same text."""
        return [_number_of(meta.get('view_id')) for meta in self.metainfos]

    def homography(self, index: int) -> Tensor:
        """(3, 3) float32 from pixels of the original picture to those of the view."""
        matrix = self.samples[index].homography_matrix
        return torch.as_tensor(matrix, dtype=torch.float32, device=self.device)

    def original_boxes(self, index: int) -> Tensor:
        """(n, 4) xyxy boxes of one view in pixels of the original picture."""
        return project_boxes(
            self.boxes[index].bboxes,
            [self.homography(index).inverse()],
            self.samples[index].ori_shape,
        )


def project_boxes(
    boxes: Tensor, matrices: list[Tensor], img_shape: tuple[int, int]
) -> Tensor:
    """Boxes under a product of homographies, clipped to a picture.

    In float32, whatever the autocast around it: half precision has steps of 8 px at
    1000 px, and narrow boxes would slide off their objects.

    Args:
        boxes: (n, 4) xyxy pixels.
        matrices: (3, 3) float32 each; the last is applied first.
        img_shape: Height and width.

    Returns:
        (n, 4) float32.
    """
    with torch.autocast(boxes.device.type, enabled=False):
        product = matrices[0].float()
        for matrix in matrices[1:]:
            product = product @ matrix.float()
        return bbox_project(boxes.float(), product, img_shape)


def _number_of(view_id: int | str | None) -> int:
    if view_id is None:
        return 0
    return view_id if isinstance(view_id, int) else crc32(str(view_id).encode())
