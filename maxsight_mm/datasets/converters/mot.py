"""Pedestrian videos in the format of MOTChallenge: frames, boxes, track ids.

Expects ``SEQUENCE/img1/000001.jpg`` and ``SEQUENCE/gt/gt.txt`` with the lines
``frame,id,x,y,width,height,...``, counted from 1.
"""

import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np

from ...synthetic import map_files
from .coco_set import CocoSet, SourceError, found, read_picture

_TRAIN_SHARE = 0.8
# The middle of a box is the person; its edges show the ground behind.
_CORE_SHARE = (0.5, 0.8)
# Read by write_flow as unknown.
_UNKNOWN = 1e9

_Tracks = dict[int, dict[int, np.ndarray]]


def convert_mot(source: Path, out: Path) -> str:
    """Videos with people, track ids and rough motion; the last fifth is held out.

    The last fifth of the frames of each sequence is a video of its own in val, so
    no clip reaches across; the place and most people are those of training. The
    flow is a rule of thumb: in the middle half of the width and 80 % of the height
    of a box, each point moves as its box moves and grows to the next frame. It is
    unknown elsewhere, and where boxes overlap.
    """
    data = CocoSet(out, 'MOT videos; last fifth of each held out', ['person'])
    for video_id, truth in enumerate(found(source, '*/gt/gt.txt'), 1):
        folder = truth.parents[1]
        tracks = _read_tracks(truth)
        pictures = found(folder / 'img1', '*.jpg')
        cut = round(_TRAIN_SHARE * len(pictures))
        for index, picture in enumerate(pictures):
            split = 'train' if index < cut else 'val'
            shape = read_picture(picture).shape[:2]
            stem = f'{split}/{folder.name}/{picture.stem}'
            shutil.copyfile(picture, data.path(f'images/{stem}.jpg'))
            boxes = tracks[int(picture.stem)]
            tasks = {}
            if index + 1 not in (cut, len(pictures)):
                later = tracks[int(pictures[index + 1].stem)]
                flow = box_flow(boxes, later, shape)
                map_files.write_flow(data.path(f'flow/{stem}.png'), flow)
                tasks = {'flow_file': f'flow/{stem}.png'}
            image = data.add_image(
                split,
                f'images/{stem}.jpg',
                shape,
                tasks,
                video_id=video_id,
                frame_id=int(picture.stem),
            )
            for track_id, box in boxes.items():
                low = np.clip(box[:2], 0, shape[::-1])
                size = np.clip(box[2:], 0, shape[::-1]) - low
                if size.min() >= 1:
                    xywh = [*low, *size]
                    data.add_object(split, image, xywh, instance_id=track_id)
    return data.write()


def _read_tracks(truth: Path) -> _Tracks:
    """Frame number to track id to box (4,) xyxy in pixels."""
    tracks: _Tracks = defaultdict(dict)
    for number, line in enumerate(truth.read_text().splitlines(), 1):
        try:
            frame, track, x, y, width, height = map(float, line.split(',')[:6])
        except ValueError:
            raise SourceError(f'{truth}: line {number}: not frame,id,x,y,w,h') from None
        # Pixels count from 1 there.
        box = np.array([x - 1, y - 1, x - 1 + width, y - 1 + height])
        tracks[int(frame)][int(track)] = box
    return tracks


def box_flow(
    boxes: dict[int, np.ndarray], later: dict[int, np.ndarray], shape: tuple[int, int]
) -> np.ndarray:
    """Motion of the middles of the boxes to where their tracks are next.

    Args:
        boxes: Track id to box (4,) xyxy in pixels.
        later: The same of the next frame.
        shape: Height and width.

    Returns:
        (H, W, 2) float32 in pixels, 1e9 where unknown.
    """
    flow = np.full((*shape, 2), _UNKNOWN, np.float32)
    covered = np.zeros(shape, int)
    for box in boxes.values():
        covered[_pixels(box, shape)] += 1
    for track, box in boxes.items():
        if track not in later:
            continue
        centre, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        half = size * _CORE_SHARE / 2
        rows, columns = _pixels(np.concatenate([centre - half, centre + half]), shape)
        x, y = np.meshgrid(
            np.arange(columns.start, columns.stop) + 0.5,
            np.arange(rows.start, rows.stop) + 0.5,
        )
        points = np.dstack([x, y])
        scale = (later[track][2:] - later[track][:2]) / size
        flow[rows, columns] = later[track][:2] + (points - box[:2]) * scale - points
    flow[covered > 1] = _UNKNOWN
    return flow


def _pixels(box: np.ndarray, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns of the pixels whose centres may lie in a box."""
    x1, y1, x2, y2 = np.rint(box).astype(int)
    height, width = shape
    return (
        slice(min(max(y1, 0), height), min(max(y2, 0), height)),
        slice(min(max(x1, 0), width), min(max(x2, 0), width)),
    )
