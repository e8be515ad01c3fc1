"""Write a table of pictures in class folders, dealt out to folds.

``python tools/dataset_tools/split_images.py OUT.csv --folders ROOT [ROOT ...]``

Each ROOT has a folder a class. Pictures that look alike share a fold, so that none is
judged by a model that has seen its twin. Paths in the table begin at its folder.
"""

import argparse
import csv
import os
import sys
from pathlib import Path

from maxsight_mm.datasets.audit.fingerprints import (
    groups_of,
    near_pairs,
    read_fingerprints,
)
from maxsight_mm.datasets.coco_json import DatasetError
from maxsight_mm.datasets.folds import deal_folds
from maxsight_mm.datasets.image_folders import read_image_folders
from maxsight_mm.engine.one_line_errors import one_line_errors

MAX_UNREADABLE = 0.01


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('out', type=Path, help='CSV file to be written')
    parser.add_argument('--folders', nargs='+', type=Path, required=True)
    parser.add_argument('--task', default='risk', help='name of its column')
    parser.add_argument('--folds', type=int, default=5)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('split_images'):
        pictures = []
        for root in args.folders:
            classes, own = read_image_folders(root)
            pictures += [(path, classes[label]) for path, label in own]
        prints = read_fingerprints([path for path, _ in pictures])
        for reason in prints.unreadable.values():
            print(f'left out: {reason}', file=sys.stderr)
        if len(prints.unreadable) > MAX_UNREADABLE * len(pictures):
            raise DatasetError(
                f'{len(prints.unreadable)} of {len(pictures)} pictures are unusable, '
                f'more than {MAX_UNREADABLE:.0%}'
            )
        pairs = near_pairs(prints)
        groups = groups_of(len(pictures), pairs)
        kept = prints.places.tolist()
        folds = deal_folds(
            [pictures[i][1] for i in kept], [groups[i] for i in kept], args.folds
        )
        args.out.parent.mkdir(parents=True, exist_ok=True)
        with args.out.open('w', newline='', encoding='utf-8') as file:
            writer = csv.writer(file)
            writer.writerow(['path', args.task, 'fold'])
            for index, fold in zip(kept, folds, strict=True):
                path, name = pictures[index]
                relative = Path(os.path.relpath(path, args.out.parent)).as_posix()
                writer.writerow([relative, name, fold])
    print(
        f'{args.out}: {len(kept)} pictures in {args.folds} folds, {len(pairs)} pairs '
        'that look alike'
    )


if __name__ == '__main__':
    main()
