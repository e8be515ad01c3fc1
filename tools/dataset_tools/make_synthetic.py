"""Writes a synthetic world as COCO JSON with images and, if asked, dense maps.

    python tools/dataset_tools/make_synthetic.py street data/street
    python tools/dataset_tools/make_synthetic.py street data/clips --clips 8 --maps
    python tools/dataset_tools/make_synthetic.py defects data/defects --labelled 10
    python tools/dataset_tools/make_synthetic.py kitchen data/kitchen_natural
    python tools/dataset_tools/make_synthetic.py incidents data/incidents
    python tools/dataset_tools/make_synthetic.py --bench

A set that is there with the same settings is kept. Exit status: 0 done, 1 cannot
write there or read what is there, 2 bad arguments.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import cv2

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from maxsight_mm.datasets.coco_json import load_coco_json  # noqa: E402
from maxsight_mm.datasets.label_split import write_split  # noqa: E402
from maxsight_mm.synthetic.defects import DefectWorld  # noqa: E402
from maxsight_mm.synthetic.defects.defect_dataset import (  # noqa: E402
    DefectSetSettings,
    write_defect_set,
)
from maxsight_mm.synthetic.incidents.incident_dataset import (  # noqa: E402
    IncidentSetSettings,
    write_incident_set,
)
from maxsight_mm.synthetic.kitchen import KitchenWorld  # noqa: E402
from maxsight_mm.synthetic.kitchen.kitchen_dataset import (  # noqa: E402
    KitchenSetSettings,
    describe_split,
    write_kitchen_set,
)
from maxsight_mm.synthetic.kitchen.scenario_mix import MIXES  # noqa: E402
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
    return width, height


def size_of(world: Callable) -> Callable[[str], tuple[int, int]]:
    """Reads a size that ``world`` takes as its ``width`` and ``height``."""

    def read(text: str) -> tuple[int, int]:
        width, height = size(text)
        try:
            world(width=width, height=height)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return width, height

    return read


street_size = size_of(StreetConfig)
part_size = size_of(DefectWorld)
scene_size = size_of(KitchenWorld)


def percentage(text: str) -> float:
    """A number between 0 and 100, without these."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 100:
        raise argparse.ArgumentTypeError(f'{text!r} is not between 0 and 100')
    return value


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
    add('--size', type=street_size, default=(320, 240), help='WIDTHxHEIGHT (320x240)')
    add('--maps', action='store_true', help='also depth, flow and occlusion PNGs')
    add('--audio', action='store_true', help='also one stereo WAV for each world')
    add('--clips', type=positive, default=1, help='frames of each world (%(default)s)')
    defects = worlds.add_parser('defects', help='machined parts with surface defects')
    defects.add_argument('out_dir', type=Path, help='folder to write')
    add = defects.add_argument
    add('--train', type=count, default=300, help='training parts (%(default)s)')
    add('--val', type=count, default=250, help='validation parts (%(default)s)')
    add('--views', type=positive, default=2, help='pictures of a part (%(default)s)')
    add('--size', type=part_size, default=(160, 160), help='WIDTHxHEIGHT (160x160)')
    add('--labelled', type=percentage, default=10, help='percent that keep labels (10)')
    add('--fold', type=count, default=0, help='which parts these are (%(default)s)')
    kitchen = worlds.add_parser('kitchen', help='hands with gloves and without')
    kitchen.add_argument('out_dir', type=Path, help='folder to write')
    add = kitchen.add_argument
    add('--train', type=count, default=4000, help='training images (%(default)s)')
    add(
        '--val',
        type=count,
        default=4000,
        help='validation images, always in the natural mix: one in 25 is a violation '
        '(%(default)s)',
    )
    add('--mix', choices=MIXES, default='natural', help='of training (%(default)s)')
    add('--size', type=scene_size, default=(160, 160), help='WIDTHxHEIGHT (160x160)')
    incidents = worlds.add_parser('incidents', help='image tasks, one of 1000 : 1')
    incidents.add_argument('out_dir', type=Path, help='folder to write')
    add = incidents.add_argument
    add('--train', type=count, default=4000, help='training pictures (%(default)s)')
    add('--val', type=count, default=900, help='validation pictures (%(default)s)')
    for world in (street, defects, kitchen, incidents):
        add = world.add_argument
        add('--seed', type=count, default=0, help='which worlds (%(default)s)')
        add('--workers', type=positive, default=2, help='processes (%(default)s)')
        add('--overwrite', action='store_true', help='replace a set of other settings')
    args = parser.parse_args(argv)
    if args.world is None and not args.bench:
        parser.error(
            'name a world (street, defects, kitchen, incidents) or give --bench'
        )
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


def write_street(args: argparse.Namespace) -> str | None:
    """What was written; None if it was there."""
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
    if not write_street_set(args.out_dir, settings, args.workers, args.overwrite):
        return None
    return f'{args.train} training and {args.val} validation images'


def write_defects(args: argparse.Namespace) -> str | None:
    """What was written; None if it was there."""
    width, height = args.size
    settings = DefectSetSettings(
        train=args.train,
        val=args.val,
        views=args.views,
        width=width,
        height=height,
        seed=args.seed,
    )
    made = write_defect_set(args.out_dir, settings, args.workers, args.overwrite)
    if args.train > 1:
        path = args.out_dir / 'annotations' / 'instances_train.json'
        for line in write_split(path, args.labelled, args.fold):
            print(line)
    if not made:
        return None
    return f'{args.train} training and {args.val} validation parts'


def write_kitchen(args: argparse.Namespace) -> str | None:
    """What was written; None if it was there."""
    width, height = args.size
    settings = KitchenSetSettings(
        train=args.train,
        val=args.val,
        mix=args.mix,
        width=width,
        height=height,
        seed=args.seed,
    )
    made = write_kitchen_set(args.out_dir, settings, args.workers, args.overwrite)
    for path in sorted((args.out_dir / 'annotations').glob('instances_*.json')):
        print(f'{path.name}: {describe_split(load_coco_json(path))}')
    if not made:
        return None
    return f'{args.train} training and {args.val} validation images'


def write_incidents(args: argparse.Namespace) -> str | None:
    """What was written; None if it was there."""
    settings = IncidentSetSettings(train=args.train, val=args.val, seed=args.seed)
    if not write_incident_set(args.out_dir, settings, args.overwrite):
        return None
    return f'{args.train} training and {args.val} validation pictures'


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.bench:
        print(bench())
        return 0
    worlds = dict(
        street=write_street,
        defects=write_defects,
        kitchen=write_kitchen,
        incidents=write_incidents,
    )
    try:
        written = worlds[args.world](args)
    except (OSError, ValueError) as error:
        print(f'make_synthetic.py: error: {error}', file=sys.stderr)
        return 1
    print(f'{args.out_dir}: {written or "already there with these settings"}')
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
