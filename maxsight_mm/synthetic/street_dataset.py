"""Writes street worlds as a COCO data set: images, JSON and, if asked, maps, sound.

``docs/street_world.md`` lists the files.
"""

import contextlib
import json
import multiprocessing
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from . import map_files
from .set_folder import new_set, show_progress
from .street import (
    SAMPLE_RATE_HZ,
    STREET_CLASSES,
    StreetConfig,
    StreetFrame,
    StreetWorld,
    to_coco,
)

FORMAT = 2
# Worlds of one seed: train counts from 0, val from VAL_OFFSET, so they never meet.
SEED_STRIDE = 10_000_000
VAL_OFFSET = 5_000_000
CATEGORY_IDS = {name: i for i, name in enumerate(STREET_CLASSES, start=1)}
# Every object in view has them; an image without objects shows none.
_COMPLETE_LABELS = (
    'distance_m',
    'time_to_contact_s',
    'zone',
    'urgency',
    'moving',
    'findability',
)
_MAPS = ('depth', 'flow', 'occlusion')
_Entry = tuple[dict, list[dict]]


@dataclass(frozen=True)
class StreetSetSettings:
    """All that decides what is in a set.

    Attributes:
        train: Number of training images.
        val: Number of validation images.
        width: Image width in pixels.
        height: Image height in pixels.
        seed: Which worlds.
        clip_length: Consecutive frames of each world.
        maps: Whether depth, flow and occlusion are written.
        audio: Whether each world's sound is written.
    """

    train: int = 2000
    val: int = 400
    width: int = 320
    height: int = 240
    seed: int = 0
    clip_length: int = 1
    maps: bool = False
    audio: bool = False

    @property
    def record(self) -> dict:
        """What ``dataset.json`` says."""
        return {
            'format': FORMAT,
            'world': 'street',
            **asdict(self),
            'classes': list(STREET_CLASSES),
        }


class ClipWriter:
    """Writes one world of a split; a worker process holds one."""

    def __init__(self, folder: Path, settings: StreetSetSettings) -> None:
        cv2.setNumThreads(1)
        self.folder = folder
        self.settings = settings
        self.world = StreetWorld(
            StreetConfig(width=settings.width, height=settings.height)
        )

    def __call__(self, split: str, index: int) -> list[_Entry]:
        """Writes the files of a world, returns its entries with ids from 0."""
        length = self.settings.clip_length
        frames = min(length, getattr(self.settings, split) - index * length)
        seed = self.settings.seed * SEED_STRIDE + index
        seed += VAL_OFFSET if split == 'val' else 0
        sound = self._write_sound(split, index, seed, frames)
        entries = []
        for k, frame in enumerate(self.world.clip(seed, frames)):
            stem = f'{split}/{index * length + k:06d}'
            self._write_image(stem, frame)
            name = f'images/{stem}.jpg'
            image, annotations = to_coco(frame, k, 0, CATEGORY_IDS, name)
            image['video_id'], image['frame_id'] = index, k
            image['fps'] = self.world.config.fps
            image['tasks'].update(self._write_maps(stem, frame))
            image['tasks'].update(sound)
            entries.append((image, annotations))
        return entries

    def _write_image(self, stem: str, frame: StreetFrame) -> None:
        path = self.folder / 'images' / f'{stem}.jpg'
        if not cv2.imwrite(str(path), frame.image, [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise OSError(f'cannot write {path}')

    def _write_maps(self, stem: str, frame: StreetFrame) -> dict[str, str]:
        if not self.settings.maps:
            return {}
        map_files.write_depth(self.folder / f'depth/{stem}.png', frame.depth)
        map_files.write_flow(self.folder / f'flow/{stem}.png', frame.flow)
        hidden = self.folder / f'occlusion/{stem}.png'
        map_files.write_occlusion(hidden, frame.occlusion)
        return {f'{name}_file': f'{name}/{stem}.png' for name in _MAPS}

    def _write_sound(self, split: str, index: int, seed: int, frames: int) -> dict:
        if not self.settings.audio:
            return {}
        seconds = max(frames / self.world.config.fps, 1.0)
        waveform, events = self.world.sound(seed, seconds)
        name = f'audio/{split}/{index:06d}.wav'
        map_files.write_sound(self.folder / name, waveform, SAMPLE_RATE_HZ)
        sounds = [
            {
                'label': event.label,
                'azimuth_deg': round(event.azimuth_deg, 2),
                'start_s': round(event.start_s, 4),
                'end_s': round(event.end_s, 4),
            }
            for event in events
        ]
        return {'audio_file': name, 'sounds': sounds}


_writer: ClipWriter | None = None  # of a worker process


def _start_worker(folder: Path, settings: StreetSetSettings) -> None:
    global _writer
    _writer = ClipWriter(folder, settings)


def _work(task: tuple[str, int]) -> list[_Entry]:
    assert _writer is not None
    return _writer(*task)


def write_street_set(
    out: Path,
    settings: StreetSetSettings,
    workers: int = 2,
    overwrite: bool = False,
) -> bool:
    """Writes a set, or keeps the one that is there with the same settings.

    Args:
        out: Folder of the set.
        settings: What to write.
        workers: Number of processes; with 1 the work is done in this one.
        overwrite: Whether a set with other settings is replaced.

    Returns:
        Whether anything was written.

    Raises:
        FileExistsError: If something else is at the place.
        ValueError: If the image size is out of range.
    """
    StreetConfig(width=settings.width, height=settings.height)
    record = settings.record
    with new_set(out, record, overwrite) as folder:
        if folder is None:
            return False
        for split in ('train', 'val'):
            if record[split]:
                _write_split(folder, settings, split, workers)
    return True


def _write_split(
    folder: Path, settings: StreetSetSettings, split: str, workers: int
) -> None:
    kinds = ['images', *(_MAPS if settings.maps else ())]
    kinds += ['audio'] if settings.audio else []
    for kind in kinds:
        (folder / kind / split).mkdir(parents=True)
    total = getattr(settings, split)
    tasks = [(split, i) for i in range(-(-total // settings.clip_length))]
    data: dict = {
        'info': {
            'description': f'synthetic street, {split}',
            'version': str(FORMAT),
            'complete_labels': list(_COMPLETE_LABELS),
        },
        'licenses': [],
        'categories': [
            {'id': i, 'name': name, 'supercategory': 'street'}
            for name, i in CATEGORY_IDS.items()
        ],
        'images': [],
        'annotations': [],
    }
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        results: Iterable[list[_Entry]]
        if workers == 1:
            writer = ClipWriter(folder, settings)
            results = (writer(*task) for task in tasks)
        else:
            # Spawned: a lock held by a thread of this process would survive a fork.
            context = multiprocessing.get_context('spawn')
            pool = context.Pool(workers, _start_worker, (folder, settings))
            results = stack.enter_context(pool).imap(_work, tasks)
        for entries in results:
            for entry in entries:
                _append(data, *entry)
            show_progress(split, len(data['images']), total, started)
    text = json.dumps(data, separators=(',', ':'), allow_nan=False)
    (folder / 'annotations').mkdir(exist_ok=True)
    (folder / 'annotations' / f'{split}.json').write_text(text, encoding='utf-8')


def _append(data: dict, image: dict, annotations: list[dict]) -> None:
    """Adds an entry whose ids count from 0, with ids that go on from the data's."""
    image['id'] = len(data['images'])
    first = len(data['annotations'])
    for annotation in annotations:
        annotation['id'] += first
        annotation['image_id'] = image['id']
    tasks = image['tasks']
    tasks['relations'] = [[a + first, p, b + first] for a, p, b in tasks['relations']]
    data['images'].append(image)
    data['annotations'].extend(annotations)
