"""Loads the frames before the current one, moved as the current one was."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ..safe_image import MAX_PIXELS
from .load_safe_image import LoadSafeImage
from .recorded_geometry import affine_of, remember_geometry


@TRANSFORMS.register_module()
class LoadClip(BaseTransform):
    """The clip of a sample; between all changes of geometry and those of colour.

    Adds ``clip`` (T, H, W, 3) uint8 BGR, oldest first, the last being ``img``
    itself, and ``clip_valid`` bool (T,). Where a video has no T frames yet, the
    oldest is repeated in front and marked False. The frames before are moved by
    the recorded geometry in one step; ``ChangeColours`` behind changes the colours of
    the whole clip alike.

    Args:
        clip_length: T, by default that of ``MaxSightCocoDataset(clip_length=T)``.
        pad_value: Grey level outside the file.
        max_pixels: As in ``LoadSafeImage``, which reads the files.
        ignore_orientation: As in ``LoadSafeImage``.

    Raises:
        InvalidImageError: If a frame cannot be read, or is not of the size of the
            current one.
        ValueError: If nobody says how long a clip is, or a transform changed the
            perspective.
    """

    def __init__(
        self,
        clip_length: int | None = None,
        pad_value: int = 114,
        max_pixels: int = MAX_PIXELS,
        ignore_orientation: bool = False,
    ) -> None:
        self.clip_length = clip_length
        self.pad_value = pad_value
        self.load = LoadSafeImage(
            max_pixels=max_pixels, ignore_orientation=ignore_orientation
        )

    def transform(self, results: dict) -> dict:
        """Reads ``clip_frames``, the frames before ``img``."""
        length = self.clip_length or results.get('clip_length')
        if not length:
            raise ValueError(
                'LoadClip needs MaxSightCocoDataset(clip_length=T), or clip_length=T '
                'itself'
            )
        before = results.get('clip_frames', [])
        frames = before[max(len(before) - length + 1, 0) :]
        image = results['img']
        if image.dtype != np.uint8:
            image = np.clip(np.rint(image), 0, 255).astype(np.uint8)
        clip = np.empty((length, *image.shape), np.uint8)
        clip[-1] = image
        padding = length - 1 - len(frames)
        affine = affine_of(results)
        for slot, frame in enumerate(frames, start=padding):
            clip[slot] = self._moved(frame['img_path'], affine, results)
        clip[:padding] = clip[padding]
        results['clip'] = clip
        results['clip_valid'] = np.arange(length) >= padding
        remember_geometry(results)
        return results

    def _moved(self, path: str, affine: np.ndarray, results: dict) -> np.ndarray:
        """A frame as uint8 (H, W, 3) where the pipeline has put the picture."""
        height, width = results['ori_shape']
        frame = self.load({'img_path': path, 'height': height, 'width': width})['img']
        # Recorded coordinates name pixel corners, OpenCV's name centres.
        centres = affine.copy()
        centres[:, 2] += affine[:, :2].sum(1) / 2 - 0.5
        new_height, new_width = results['img'].shape[:2]
        grey = (self.pad_value,) * 3
        return cv2.warpAffine(frame, centres, (new_width, new_height), borderValue=grey)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(clip_length={self.clip_length}, '
            f'pad_value={self.pad_value})'
        )
