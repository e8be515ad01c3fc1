"""The frames before each frame of a video."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

_FRAME_TASKS = ('depth_file', 'flow_file', 'occlusion_file')


def previous_frames(data_list: Iterable[dict], count: int) -> dict[Any, list[dict]]:
    """Image id to the up to ``count`` frames before it, oldest first.

    Frames of one ``video_id`` are ordered by ``frame_id``; a clip never reaches
    into another video. Images without both have no previous frames.

    Args:
        data_list: Infos of ``MaxSightCocoDataset``.
        count: Frames before the current one.

    Returns:
        For each image of a video, dicts with ``img_path``, ``frame_id`` and, of
        ``depth_file``, ``flow_file`` and ``occlusion_file``, what the frame has.
    """
    videos: dict[Any, list[dict]] = defaultdict(list)
    for info in data_list:
        if 'video_id' in info and 'frame_id' in info:
            videos[info['video_id']].append(info)
    found = {}
    for infos in videos.values():
        infos.sort(key=lambda info: info['frame_id'])
        frames = [_frame(info) for info in infos]
        for i, info in enumerate(infos):
            found[info['img_id']] = frames[max(i - count, 0) : i]
    return found


def _frame(info: dict) -> dict:
    maps = {name: info['tasks'][name] for name in _FRAME_TASKS if name in info['tasks']}
    return {'img_path': info['img_path'], 'frame_id': info['frame_id'], **maps}
