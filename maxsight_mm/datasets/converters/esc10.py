"""ESC-10 environmental sounds (Piczak 2015): clips of five seconds, ten classes.

Expects ``labels.csv`` with the columns path, class and fold.
"""

import csv
from pathlib import Path

import numpy as np

from ...synthetic import map_files
from ..safe_audio import read_sound, resampled
from .coco_set import CocoSet, SourceError

SAMPLE_RATE_HZ = 16_000
# A second quieter than this share of the loudest one has nothing to hear.
_QUIET_SHARE = 0.1
_BLANK = (96, 128)


def convert_esc10(source: Path, out: Path) -> str:
    """Seconds of sound with one label each; the last fold is held out.

    A sound has no picture: the image is grey, and its boxes are unlabelled. Each
    clip is a video of one frame a second, of which the frame at k seconds hears
    second k, so ``LoadAudio(duration_s=1.0)`` gives that one; nearly silent seconds
    are left out. The folds are the authors' own: clips cut from one recording never
    stand in two of them, so a fold is held out and not a fifth of the clips.
    """
    listed = source / 'labels.csv'
    if not listed.is_file():
        raise SourceError(f'{source}: no labels.csv there')
    with listed.open(newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    if not rows or not {'path', 'class', 'fold'} <= rows[0].keys():
        raise SourceError(f'{listed}: no rows with path, class and fold')
    data = CocoSet(out, 'ESC-10 sounds, no pictures; last fold held out', ['person'])
    held_out = max(int(row['fold']) for row in rows)
    grey = np.full((*_BLANK, 3), 114, np.uint8)
    for video_id, row in enumerate(rows, 1):
        split = 'val' if int(row['fold']) == held_out else 'train'
        wave, rate_hz = read_sound(str(source / row['path']))
        wave = resampled(wave, rate_hz, SAMPLE_RATE_HZ)
        stem = Path(row['path']).with_suffix('').as_posix().replace('/', '_')
        sound = f'audio/{split}/{stem}.wav'
        map_files.write_sound(data.path(sound), wave, SAMPLE_RATE_HZ)
        for second in _loud_seconds(wave):
            label = {'label': row['class'].lower(), 'start_s': second - 1}
            image = data.add_picture(
                split,
                f'images/{split}/{stem}_{second}.png',
                grey,
                {'audio_file': sound, 'sounds': [{**label, 'end_s': second}]},
                video_id=video_id,
                frame_id=second,
                fps=1.0,
            )
            data.leave_boxes_unlabelled(split, image)
    return data.write()


def _loud_seconds(wave: np.ndarray) -> list[int]:
    """Ends of the seconds with something to hear, from 1 on."""
    count = wave.shape[1] // SAMPLE_RATE_HZ
    if not count:
        return []
    # (channels, n) -> (channels, seconds, samples)
    seconds = wave[:, : count * SAMPLE_RATE_HZ].reshape(len(wave), count, -1)
    level = np.sqrt((seconds.astype(np.float64) ** 2).mean((0, 2)))
    loud = (level >= _QUIET_SHARE * level.max()) & (level > 0)
    return [int(i) + 1 for i in np.flatnonzero(loud)]
