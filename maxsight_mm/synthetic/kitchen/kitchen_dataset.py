"""Writes kitchen scenes as a COCO data set.

``annotations/`` holds ``instances_train.json`` in the mix that was asked for and
``instances_val.json``, always in the natural mix: precision hangs on how often there is
nothing to find, so a model is judged on what it will meet. The validation pictures of a
seed are the same whatever the training mix is.
"""

import json
import multiprocessing
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from maxsight_mm.taxonomy.kitchen import KITCHEN_CLASSES, SCENARIOS

from ..set_folder import new_set, show_progress
from .kitchen_world import KitchenWorld
from .scenario_mix import share_of

FORMAT = 1
# Pictures of one seed: train counts from 0, val from VAL_OFFSET, so they never meet.
SEED_STRIDE = 10_000_000
VAL_OFFSET = 5_000_000


@dataclass(frozen=True)
class KitchenSetSettings:
    """All that decides what is in a set.

    Attributes:
        train: Number of training pictures.
        val: Number of validation pictures; one in 25 is a violation, so that 4000
            hold 160, and more than 200 bare hands.
        mix: Of ``MIXES``, of the training pictures.
        width: Image width in pixels.
        height: Image height in pixels.
        seed: Which scenes.
    """

    train: int = 4000
    val: int = 4000
    mix: str = 'natural'
    width: int = 160
    height: int = 160
    seed: int = 0

    @property
    def record(self) -> dict:
        """What ``dataset.json`` says."""
        return {
            'format': FORMAT,
            'world': 'kitchen',
            **asdict(self),
            'classes': list(KITCHEN_CLASSES),
        }


class SceneWriter:
    """Writes pictures; a worker process holds one."""

    def __init__(self, folder: Path, settings: KitchenSetSettings) -> None:
        cv2.setNumThreads(1)
        self.folder = folder
        self.settings = settings
        self.world = KitchenWorld(settings.width, settings.height)

    def __call__(self, split: str, index: int) -> tuple[dict, list[dict]]:
        """Writes the file of a picture; its image entry with its annotations."""
        first = self.settings.seed * SEED_STRIDE
        first += VAL_OFFSET if split == 'val' else 0
        mix = self.settings.mix if split == 'train' else 'natural'
        share = share_of(mix, first, index)
        scene = self.world.scene(first + index, share.scenario, share.equipment_only)
        name = f'{split}/{index:06d}.jpg'
        path = self.folder / 'images' / name
        if not cv2.imwrite(str(path), scene.image, [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise OSError(f'cannot write {path}')
        image = {
            'file_name': name,
            'width': self.settings.width,
            'height': self.settings.height,
            'scenario': scene.scenario,
            'troubles': list(scene.troubles),
        }
        annotations = [
            {
                'category_id': int(label) + 1,
                'bbox': [int(x0), int(y0), int(x1 - x0), int(y1 - y0)],
                'area': int(mask.sum()),
                'iscrowd': 0,
                'glove': look.glove or 'none',
                'torn': look.torn,
            }
            for (x0, y0, x1, y1), label, mask, look in zip(
                scene.boxes, scene.labels, scene.masks, scene.looks, strict=True
            )
        ]
        return image, annotations


_writer: SceneWriter | None = None  # of a worker process


def _start_worker(folder: Path, settings: KitchenSetSettings) -> None:
    global _writer
    _writer = SceneWriter(folder, settings)


def _work(task: tuple[str, int]) -> tuple[dict, list[dict]]:
    assert _writer is not None
    return _writer(*task)


def write_kitchen_set(
    out: Path,
    settings: KitchenSetSettings,
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
        ValueError: If the image size or the mix is none.
    """
    KitchenWorld(settings.width, settings.height)
    share_of(settings.mix, 0, 0)
    with new_set(out, settings.record, overwrite) as folder:
        if folder is None:
            return False
        (folder / 'annotations').mkdir()
        for split, number in (('train', settings.train), ('val', settings.val)):
            if number:
                data = _write_split(folder, settings, split, number, workers)
                path = folder / 'annotations' / f'instances_{split}.json'
                path.write_text(json.dumps(data, separators=(',', ':')), 'utf-8')
    return True


def _write_split(
    folder: Path, settings: KitchenSetSettings, split: str, number: int, workers: int
) -> dict:
    (folder / 'images' / split).mkdir(parents=True)
    data: dict = {
        'info': {'description': f'synthetic kitchen, {split}', 'version': str(FORMAT)},
        'licenses': [],
        'categories': [
            {'id': i, 'name': name, 'supercategory': 'hand'}
            for i, name in enumerate(KITCHEN_CLASSES, start=1)
        ],
        'images': [],
        'annotations': [],
    }
    tasks = [(split, index) for index in range(number)]
    started = time.monotonic()
    with ExitStack() as stack:
        results: Iterable
        if workers == 1:
            writer = SceneWriter(folder, settings)
            results = (writer(*task) for task in tasks)
        else:
            # Spawned: a lock held by a thread of this process would survive a fork.
            context = multiprocessing.get_context('spawn')
            pool = context.Pool(workers, _start_worker, (folder, settings))
            results = stack.enter_context(pool).imap(_work, tasks, chunksize=8)
        for image, annotations in results:
            image = {'id': len(data['images'])} | image
            data['images'].append(image)
            for annotation in annotations:
                ids = {'id': len(data['annotations']), 'image_id': image['id']}
                data['annotations'].append(ids | annotation)
            show_progress(split, len(data['images']), number, started)
    return data


def describe_split(data: dict) -> str:
    """What an annotation file of a set holds, in one line."""
    scenarios = [image.get('scenario') for image in data['images']]
    labels = [annotation['category_id'] - 1 for annotation in data['annotations']]
    kinds = [f'{scenarios.count(name)} {name}' for name in SCENARIOS]
    hands = [f'{labels.count(i)} {name}' for i, name in enumerate(KITCHEN_CLASSES)]
    return f'images: {", ".join(kinds)}; hands: {", ".join(hands)}'
