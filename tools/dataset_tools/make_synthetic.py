"""Writes a synthetic world as COCO JSON with images and, if asked, dense maps.

    python tools/dataset_tools/make_synthetic.py street data/street
    python tools/dataset_tools/make_synthetic.py street data/clips --clips 8 --maps
    python tools/dataset_tools/make_synthetic.py --bench

A set that is there with the same settings is kept. Exit status: 0 done, 1 cannot
write there, 2 bad arguments.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import NoReturn

import cv2

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from maxsight_mm.synthetic.street import StreetConfig, StreetWorld  # noqa: E402
from maxsight_mm.synthetic.street_dataset import (  # noqa: E402
    VAL_OFFSET,
    StreetSetSettings,
    write_street_set,
)


def size(text: str) -> tuple[int, int]:
    """'320x240' to (320, 240)."""
    try:
        width, height = (int(part) for part in text.lower().split('x'))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not WIDTHxHEIGHT, such as 320x240'
        ) from None
    try:
        StreetConfig(width=width, height=height)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return width, height


def count(text: str) -> int:
    """A whole number from 0 to below VAL_OFFSET."""
    value = int(text) if text.isdecimal() else -1
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

    def error(self, message: str) -> NoReturn:
        self.exit(2, f'{self.prog}: error: {message}\n')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = OneLineParser(description='Write a synthetic data set.')
    parser.add_argument(
        '--bench', action='store_true', help='measure frames/s on one core and stop'
    )
    worlds = parser.add_subparsers(dest='world', parser_class=OneLineParser)
    street = worlds.add_parser('street', help='street scenes seen by a walking camera')
    street.add_argument('out_dir', type=Path, help='folder to write')
    add = street.add_argument
    add('--train', type=count, default=2000, help='training images (%(default)s)')
    add('--val', type=count, default=400, help='validation images (%(default)s)')
    add('--size', type=size, default=(320, 240), help='WIDTHxHEIGHT (320x240)')
    add('--seed', type=count, default=0, help='which worlds (%(default)s)')
    add('--maps', action='store_true', help='also depth, flow and occlusion PNGs')
    add('--audio', action='store_true', help='also one stereo WAV for each world')
    add('--clips', type=positive, default=1, help='frames of each world (%(default)s)')
    add('--workers', type=positive, default=2, help='processes (%(default)s)')
    add('--overwrite', action='store_true', help='replace a set with other settings')
    args = parser.parse_args(argv)
    if args.world is None and not args.bench:
        parser.error('name a world (street) or give --bench')
    if args.world and args.train + args.val == 0:
        parser.error('--train and --val are both 0')
    return args


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
    width, height = args.size
    settings = StreetSetSettings(
        train=args.train,
        val=args.val,
        width=width,
        height=height,
        seed=args.seed,
        clip_length=args.clips,
        maps=args.maps,
        audio=args.audio,
    )
    try:
        made = write_street_set(args.out_dir, settings, args.workers, args.overwrite)
    except OSError as error:
        print(f'make_synthetic.py: error: {error}', file=sys.stderr)
        return 1
    if not made:
        print(f'{args.out_dir}: already there with these settings')
        return 0
    print(f'{args.out_dir}: {args.train} training and {args.val} validation images')
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
