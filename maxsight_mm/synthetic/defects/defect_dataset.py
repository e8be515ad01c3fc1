"""Writes defect worlds as COCO data sets, a part of the labels hidden.

``annotations/`` holds ``instances_train.json`` and ``instances_val.json`` and, of the
training parts, ``instances_train_labelled10.json`` and
``instances_train_unlabelled90.json`` for a labelled tenth.
"""

import json
import multiprocessing
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from maxsight_mm.taxonomy.defects import DEFECT_CLASSES

from ..set_folder import new_set, show_progress
from .defect_world import DefectWorld

FORMAT = 2
# Parts of one seed: train counts from 0, val from VAL_OFFSET, so they never meet.
SEED_STRIDE = 10_000_000
VAL_OFFSET = 5_000_000


@dataclass(frozen=True)
class DefectSetSettings:
    """All that decides what is in a set.

    Attributes:
        train: Number of training parts.
        val: Number of validation parts.
        views: Pictures of each part.
        width: Image width in pixels.
        height: Image height in pixels.
        seed: Which parts.
    """

    train: int = 300
    val: int = 250
    views: int = 2
    width: int = 160
    height: int = 160
    seed: int = 0

    @property
    def record(self) -> dict:
        """What ``dataset.json`` says."""
        classes = list(DEFECT_CLASSES)
        return {
            'format': FORMAT,
            'world': 'defects',
            **asdict(self),
            'classes': classes,
        }


class PartWriter:
    """Writes the pictures of one part; a worker process holds one."""

    def __init__(self, folder: Path, settings: DefectSetSettings) -> None:
        cv2.setNumThreads(1)
        self.folder = folder
        self.settings = settings
        self.world = DefectWorld(settings.width, settings.height)

    def __call__(self, split: str, index: int) -> list[tuple[dict, list[dict]]]:
        """Writes the files of a part; its image entries with their annotations."""
        seed = self.settings.seed * SEED_STRIDE + index
        seed += VAL_OFFSET if split == 'val' else 0
        entries = []
        for number, view in enumerate(self.world.views(seed, self.settings.views)):
            name = f'{split}/{index:06d}_{number}.jpg'
            path = self.folder / 'images' / name
            if not cv2.imwrite(str(path), view.image, [cv2.IMWRITE_JPEG_QUALITY, 95]):
                raise OSError(f'cannot write {path}')
            image = {
                'file_name': name,
                'width': self.settings.width,
                'height': self.settings.height,
                'part_id': index,
                'view_id': number,
            }
            annotations = [
                {
                    'category_id': int(label) + 1,
                    'bbox': [int(x0), int(y0), int(x1 - x0), int(y1 - y0)],
                    'area': int(mask.sum()),
                    'iscrowd': 0,
                    'visibility': round(float(visibility), 3),
                }
                for (x0, y0, x1, y1), label, mask, visibility in zip(
                    view.boxes, view.labels, view.masks, view.visibility, strict=True
                )
            ]
            entries.append((image, annotations))
        return entries


_writer: PartWriter | None = None  # of a worker process


def _start_worker(folder: Path, settings: DefectSetSettings) -> None:
    global _writer
    _writer = PartWriter(folder, settings)


def _work(task: tuple[str, int]) -> list[tuple[dict, list[dict]]]:
    assert _writer is not None
    return _writer(*task)


def write_defect_set(
    out: Path,
    settings: DefectSetSettings,
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
    DefectWorld(settings.width, settings.height)
    record = settings.record
    with new_set(out, record, overwrite) as folder:
        if folder is None:
            return False
        (folder / 'annotations').mkdir()
        for split in ('train', 'val'):
            if record[split]:
                data = _write_split(folder, settings, split, workers)
                path = folder / 'annotations' / f'instances_{split}.json'
                path.write_text(json.dumps(data, separators=(',', ':')), 'utf-8')
    return True


def _write_split(
    folder: Path, settings: DefectSetSettings, split: str, workers: int
) -> dict:
    (folder / 'images' / split).mkdir(parents=True)
    parts = getattr(settings, split)
    tasks = [(split, index) for index in range(parts)]
    data: dict = {
        'info': {'description': f'synthetic defects, {split}', 'version': str(FORMAT)},
        'licenses': [],
        'categories': [
            {'id': i, 'name': name, 'supercategory': 'defect'}
            for i, name in enumerate(DEFECT_CLASSES, start=1)
        ],
        'images': [],
        'annotations': [],
    }
    started = time.monotonic()
    with ExitStack() as stack:
        results: Iterable
        if workers == 1:
            writer = PartWriter(folder, settings)
            results = (writer(*task) for task in tasks)
        else:
            # Spawned: a lock held by a thread of this process would survive a fork.
            context = multiprocessing.get_context('spawn')
            pool = context.Pool(workers, _start_worker, (folder, settings))
            results = stack.enter_context(pool).imap(_work, tasks, chunksize=8)
        for entries in results:
            for image, annotations in entries:
                image = {'id': len(data['images'])} | image
                data['images'].append(image)
                for annotation in annotations:
                    ids = {'id': len(data['annotations']), 'image_id': image['id']}
                    data['annotations'].append(ids | annotation)
            show_progress(split, len(data['images']), parts * settings.views, started)
    return data
