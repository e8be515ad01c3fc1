"""Middlebury optical flow (Baker et al. 2011): two frames and the motion between.

Expects ``other-data/NAME/frame10.png`` and ``frame11.png`` and
``other-gt-flow/NAME/flow10.flo``.
"""

from pathlib import Path

import numpy as np

from ...synthetic import map_files
from .coco_set import CocoSet, SourceError, found, read_picture

_MAGIC = 202_021.25
# In a .flo file a larger number means that the motion is unknown.
_UNKNOWN = 1e9
_TRAIN_SHARE = 0.8


def convert_middlebury(source: Path, out: Path) -> str:
    """A video of two frames for each pair, with flow and occlusion of the first.

    There are too few pairs to hold one out: the left 80 % of each is for training,
    the right 20 % for validation. What is near the cut is similar on both sides, so
    the held-out error speaks of new pixels, not of new scenes. A point that leaves
    its crop is marked occluded. Boxes are unlabelled.
    """
    text = 'Middlebury flow; left 80 % of each pair train, right 20 % val'
    data = CocoSet(out, text, ['person'])
    pairs = found(source, 'other-gt-flow/*/flow10.flo')
    for video_id, flow_path in enumerate(pairs, 1):
        flow = read_flo(flow_path)
        folder = source / 'other-data' / flow_path.parent.name
        frames = [read_picture(folder / f'frame{i}.png') for i in (10, 11)]
        if any(frame.shape[:2] != flow.shape[:2] for frame in frames):
            raise SourceError(f'{folder}: frames and flow differ in size')
        cut = round(_TRAIN_SHARE * flow.shape[1])
        for split, part in (('train', slice(0, cut)), ('val', slice(cut, None))):
            maps = _write_maps(data, f'{split}/{folder.name}.png', flow[:, part])
            for frame_id, frame in enumerate(frames):
                name = f'images/{split}/{folder.name}_{frame_id}.png'
                image = data.add_picture(
                    split,
                    name,
                    frame[:, part],
                    maps if frame_id == 0 else {},
                    video_id=video_id,
                    frame_id=frame_id,
                )
                data.leave_boxes_unlabelled(split, image)
    return data.write()


def read_flo(path: Path) -> np.ndarray:
    """Motion (H, W, 2) float32 in pixels, x and y; unknown is above 1e9.

    Raises:
        SourceError: If it is no .flo file or ends too early.
    """
    content = path.read_bytes()
    if len(content) < 12 or np.frombuffer(content, '<f4', 1)[0] != _MAGIC:
        raise SourceError(f'{path}: no .flo file')
    width, height = np.frombuffer(content, '<i4', 2, 4).tolist()
    if len(content) != 12 + 8 * width * height:
        raise SourceError(f'{path}: not the {width} x {height} it says')
    return np.frombuffer(content, '<f4', offset=12).reshape(height, width, 2)


def _write_maps(data: CocoSet, name: str, flow: np.ndarray) -> dict[str, str]:
    """Flow and occlusion of the first frame; gives the tasks that name them."""
    height, width = flow.shape[:2]
    x = np.arange(width) + flow[..., 0]
    y = np.arange(height)[:, None] + flow[..., 1]
    left = (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)
    map_files.write_flow(data.path(f'flow/{name}'), np.minimum(flow, _UNKNOWN))
    map_files.write_occlusion(data.path(f'occlusion/{name}'), left)
    return {'flow_file': f'flow/{name}', 'occlusion_file': f'occlusion/{name}'}
