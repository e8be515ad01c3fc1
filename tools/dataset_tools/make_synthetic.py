"""Writes a synthetic world as COCO JSON with images and, if asked, dense maps.

    python tools/dataset_tools/make_synthetic.py street data/street
    python tools/dataset_tools/make_synthetic.py street data/clips --clips 8 --maps --audio
    python tools/dataset_tools/make_synthetic.py --bench

A set that is there with the same settings is kept. The folder appears only when it
is complete: everything is written beside it and renamed at the end.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import cv2

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from maxsight_mm.synthetic import map_files  # noqa: E402
from maxsight_mm.synthetic.street import (  # noqa: E402
    SAMPLE_RATE_HZ,
    STREET_CLASSES,
    StreetConfig,
    StreetFrame,
    StreetWorld,
    to_coco,
)

FORMAT = 1
SETTINGS_FILE = 'dataset.json'
# Worlds of one --seed: train counts from 0, val from VAL_OFFSET, so they never meet.
SEED_STRIDE = 10_000_000
VAL_OFFSET = 5_000_000
CATEGORY_IDS = {name: i for i, name in enumerate(STREET_CLASSES, start=1)}
_MAPS = ('depth', 'flow', 'occlusion')


def size(text: str) -> tuple[int, int]:
    """'320x240' to (320, 240)."""
    try:
        width, height = (int(part) for part in text.lower().split('x'))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not WIDTHxHEIGHT, such as 320x240'
        ) from None
    return width, height


def count(text: str) -> int:
    """A whole number from 0 to below VAL_OFFSET."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if not 0 <= value < VAL_OFFSET:
        raise argparse.ArgumentTypeError(f'{text!r} is not 0 to {VAL_OFFSET - 1}')
    return value


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if count(text) == 0:
        raise argparse.ArgumentTypeError('0 is not 1 or more')
    return int(text)


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> None:
        self.exit(2, f'{self.prog}: error: {message}\n')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = OneLineParser(description='Write a synthetic data set.')
    parser.add_argument(
        '--bench', action='store_true', help='measure frames/s on one core and stop'
    )
    worlds = parser.add_subparsers(dest='world', parser_class=OneLineParser)
    street = worlds.add_parser('street', help='street scenes seen by a walking camera')
    street.add_argument('out_dir', type=Path, help='folder to write')
    street.add_argument('--train', type=count, default=2000, help='training images')
    street.add_argument('--val', type=count, default=400, help='validation images')
    street.add_argument(
        '--size', type=size, default=(320, 240), help='WIDTHxHEIGHT in pixels'
    )
    street.add_argument('--seed', type=count, default=0, help='which worlds')
    street.add_argument(
        '--maps', action='store_true', help='also depth, flow and occlusion PNGs'
    )
    street.add_argument(
        '--clips', type=positive, default=1, help='consecutive frames of each world'
    )
    street.add_argument(
        '--audio', action='store_true', help='also one stereo WAV for each world'
    )
    street.add_argument('--workers', type=positive, default=2, help='processes')
    street.add_argument(
        '--overwrite', action='store_true', help='replace a set with other settings'
    )
    args = parser.parse_args(argv)
    if args.world is None and not args.bench:
        parser.error('name a world (street) or give --bench')
    if args.world and args.train + args.val == 0:
        parser.error('--train and --val are both 0')
    if args.world:
        try:
            StreetConfig(width=args.size[0], height=args.size[1])
        except ValueError as error:
            parser.error(f'--size: {error}')
    return args


def settings_of(args: argparse.Namespace) -> dict:
    """All that decides what is written."""
    return {
        'format': FORMAT,
        'world': args.world,
        'train': args.train,
        'val': args.val,
        'size': list(args.size),
        'seed': args.seed,
        'maps': args.maps,
        'clips': args.clips,
        'audio': args.audio,
        'classes': list(STREET_CLASSES),
    }


class ClipWriter:
    """Writes one world of a split; a worker process holds one."""

    def __init__(self, folder: Path, settings: dict) -> None:
        cv2.setNumThreads(1)
        self.folder = folder
        self.settings = settings
        width, height = settings['size']
        self.world = StreetWorld(StreetConfig(width=width, height=height))

    def __call__(self, split: str, index: int) -> list[tuple[dict, list[dict]]]:
        """Writes the files of a world, returns its entries with ids from 0."""
        length = self.settings['clips']
        frames = min(length, self.settings[split] - index * length)
        seed = self.settings['seed'] * SEED_STRIDE + index
        seed += VAL_OFFSET if split == 'val' else 0
        entries = []
        audio = (
            self._audio(split, index, seed, frames) if self.settings['audio'] else {}
        )
        for k, frame in enumerate(self.world.clip(seed, frames)):
            stem = f'{split}/{index * length + k:06d}'
            self._save_image(stem, frame)
            name = f'images/{stem}.jpg'
            image, annotations = to_coco(frame, k, 0, CATEGORY_IDS, name)
            image['video_id'], image['frame_id'] = index, k
            if self.settings['maps']:
                image['tasks'].update(self._save_maps(stem, frame))
            image['tasks'].update(audio)
            entries.append((image, annotations))
        return entries

    def _save_image(self, stem: str, frame: StreetFrame) -> None:
        path = self.folder / 'images' / f'{stem}.jpg'
        if not cv2.imwrite(str(path), frame.image, [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise OSError(f'cannot write {path}')

    def _save_maps(self, stem: str, frame: StreetFrame) -> dict[str, str]:
        map_files.write_depth(self.folder / f'depth/{stem}.png', frame.depth)
        map_files.write_flow(self.folder / f'flow/{stem}.png', frame.flow)
        map_files.write_occlusion(
            self.folder / f'occlusion/{stem}.png', frame.occlusion
        )
        return {f'{name}_file': f'{name}/{stem}.png' for name in _MAPS}

    def _audio(self, split: str, index: int, seed: int, frames: int) -> dict:
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


_writer: ClipWriter | None = None


def _start_worker(folder: Path, settings: dict) -> None:
    global _writer
    _writer = ClipWriter(folder, settings)


def _work(task: tuple[str, int]) -> list[tuple[dict, list[dict]]]:
    assert _writer is not None
    return _writer(*task)


def write_split(folder: Path, settings: dict, split: str, workers: int) -> None:
    """Writes the files of a split, then its JSON."""
    kinds = ['images', *(_MAPS if settings['maps'] else ())]
    kinds += ['audio'] if settings['audio'] else []
    for kind in kinds:
        (folder / kind / split).mkdir(parents=True)
    total, length = settings[split], settings['clips']
    tasks = [(split, i) for i in range(-(-total // length))]
    data: dict = {
        'info': {'description': f'synthetic street, {split}', 'version': str(FORMAT)},
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
            _show_progress(split, len(data['images']), total, started)
    text = json.dumps(data, separators=(',', ':'), allow_nan=False)
    (folder / 'annotations').mkdir(exist_ok=True)
    (folder / 'annotations' / f'{split}.json').write_text(text, encoding='utf-8')


def _append(data: dict, image: dict, annotations: list[dict]) -> None:
    image['id'] = len(data['images'])
    first = len(data['annotations'])
    for annotation in annotations:
        annotation['id'] += first
        annotation['image_id'] = image['id']
    tasks = image['tasks']
    tasks['relations'] = [[a + first, p, b + first] for a, p, b in tasks['relations']]
    data['images'].append(image)
    data['annotations'].extend(annotations)


def _show_progress(split: str, done: int, total: int, started: float) -> None:
    if done != total and not sys.stderr.isatty() and done % 100:
        return
    rate = done / max(time.monotonic() - started, 1e-6)
    end = '\n' if done == total or not sys.stderr.isatty() else ''
    print(f'\r{split} {done}/{total} images, {rate:.0f}/s', end=end, file=sys.stderr)


def write_set(args: argparse.Namespace) -> str:
    """Writes the set; returns what was done.

    Raises:
        FileExistsError: If something else is at the place.
    """
    out, settings = args.out_dir, settings_of(args)
    old = out / SETTINGS_FILE
    if old.is_file():
        if json.loads(old.read_text(encoding='utf-8')) == settings:
            return f'{out}: already there with these settings'
        if not args.overwrite:
            raise FileExistsError(
                f'{out} holds a set with other settings; give --overwrite or another '
                'folder'
            )
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f'{out} is there and is no synthetic set')
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f'.{out.name}-', dir=out.parent))
    try:
        folder.chmod(0o755)
        for split in ('train', 'val'):
            if settings[split]:
                write_split(folder, settings, split, args.workers)
        text = json.dumps(settings, indent=1)
        (folder / SETTINGS_FILE).write_text(text, encoding='utf-8')
        if out.exists():
            shutil.rmtree(out)
        os.replace(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return f'{out}: {args.train} training and {args.val} validation images'


def bench(frames: int = 100) -> str:
    """Frames a second of ``StreetWorld.frame`` at 320x240 on one core."""
    cv2.setNumThreads(1)
    world = StreetWorld()
    world.frame(0)
    wall, cpu = time.perf_counter(), time.process_time()
    for seed in range(frames):
        world.frame(seed)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return (
        f'street 320x240, all labels, one core: {frames / wall:.1f} frames/s by the '
        f'clock, {frames / cpu:.1f} frames/s of processor time ({frames} frames)'
    )


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.bench:
        print(bench())
        return 0
    try:
        print(write_set(args))
    except OSError as error:
        print(f'make_synthetic.py: error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
