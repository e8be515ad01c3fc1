"""Reads depth and flow maps and brings them to the network's input."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from ...registry import TRANSFORMS
from ...synthetic import map_files
from ..safe_image import MAX_PIXELS, InvalidImageError, image_size
from .recorded_geometry import affine_of, remember_geometry, source_pixels

MAPS = ('depth', 'flow')
OCCLUDED = ('keep', 'ignore')


@TRANSFORMS.register_module()
class LoadTaskMaps(BaseTransform):
    """Dense maps, aligned with ``img``; stands after all changes of geometry.

    Adds to ``gt_tasks`` what the sample has:

    - ``depth`` (1, H, W) float32 metres, from its ``depth_file``, divided by the
      zoom as distances are; nan where the file has a hole (0) and outside it.
    - ``flow`` (2, H, W) float32, x and y in pixels of the network's input, from the
      ``flow_file`` of the previous frame: motion from there to the current frame,
      on the previous frame's grid; nan where the file marks it invalid and outside.
      A sample without a previous frame, or one that skips a ``frame_id``, has none.

    Values are those of the nearest pixel: a mean over an edge is neither side's.

    Args:
        maps: Of 'depth' and 'flow' those to load.
        flow_occluded: 'keep' the motion of points that are hidden in the current
            frame, or 'ignore' them (nan) where the previous frame has an
            ``occlusion_file``.
        max_pixels: Largest width * height that is accepted.

    Raises:
        InvalidImageError: If a map is absent, broken, too large, of another kind,
            or not of the image's size.
        ValueError: If an option is not one of its values, or a transform changed
            the perspective.
    """

    def __init__(
        self,
        maps: Sequence[str] = MAPS,
        flow_occluded: str = 'keep',
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        unknown = [name for name in maps if name not in MAPS]
        if unknown:
            raise ValueError(f'maps must be of {MAPS}, got {unknown}')
        if flow_occluded not in OCCLUDED:
            raise ValueError(
                f'flow_occluded must be one of {OCCLUDED}, got {flow_occluded!r}'
            )
        self.maps = tuple(maps)
        self.flow_occluded = flow_occluded
        self.max_pixels = max_pixels

    def transform(self, results: dict) -> dict:
        """Adds ``depth`` and ``flow`` to ``gt_tasks``."""
        tasks = dict(results.get('gt_tasks', {}))
        previous = _previous_frame(results)
        depth_file = tasks.get('depth_file') if 'depth' in self.maps else None
        has_flow = 'flow' in self.maps and 'flow_file' in previous
        if depth_file or has_flow:
            affine = affine_of(results)
            shape = results['img'].shape[:2]
            rows, columns, inside = source_pixels(affine, shape, results['ori_shape'])
        if depth_file:
            depth = self._read(map_files.read_depth, depth_file, results)
            depth = depth[rows, columns] / np.float32(results.get('zoom', 1.0))
            tasks['depth'] = np.where(inside & (depth > 0), depth, np.nan)[None]
        if has_flow:
            flow, known = self._flow(previous, results)
            moved = flow[rows, columns] @ affine[:, :2].T.astype(np.float32)
            moved[~(inside & known[rows, columns])] = np.nan
            # (H, W, 2) -> (2, H, W)
            tasks['flow'] = np.ascontiguousarray(moved.transpose(2, 0, 1))
        results['gt_tasks'] = tasks
        remember_geometry(results)
        return results

    def _flow(self, frame: dict, results: dict) -> tuple[np.ndarray, np.ndarray]:
        """(H, W, 2) pixels of the file and where they are known, bool (H, W)."""
        flow, known = self._read(map_files.read_flow, frame['flow_file'], results)
        if self.flow_occluded == 'ignore' and 'occlusion_file' in frame:
            path = frame['occlusion_file']
            known &= ~self._read(map_files.read_occlusion, path, results)
        return flow, known

    def _read(self, reader: Callable, path: str, results: dict) -> Any:
        try:
            with open(path, 'rb') as file:
                width, height = image_size(file, path, self.max_pixels)
        except OSError as error:
            reason = error.strerror or error
            raise InvalidImageError(f'{path}: cannot be read: {reason}') from None
        if (height, width) != tuple(results['ori_shape']):
            expected = results['ori_shape']
            raise InvalidImageError(
                f'{path}: the map is {width} x {height}, its image '
                f'{expected[1]} x {expected[0]}'
            )
        try:
            return reader(path)
        except (OSError, ValueError) as error:
            raise InvalidImageError(f'{path}: {error}') from None

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(maps={self.maps}, '
            f'flow_occluded={self.flow_occluded!r}, max_pixels={self.max_pixels})'
        )


def _previous_frame(results: dict) -> dict:
    """The frame right before this one, or an empty dict."""
    clip = results.get('clip_frames') or [{}]
    follows = clip[-1].get('frame_id') == results.get('frame_id', 0) - 1
    return clip[-1] if follows else {}
