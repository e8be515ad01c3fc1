"""Hides most labels of a COCO file, for semi-supervised training.

``python tools/dataset_tools/split_labelled.py ANN.json --percent 10 --out-dir DIR``

Writes ``<stem>_labelled10.json`` and ``<stem>_unlabelled90.json``. All views of a part
(``part_id`` of the images) go one way. A class without a labelled box is warned of.
"""

import argparse
from pathlib import Path
from typing import NoReturn

from maxsight_mm.datasets.label_split import write_split
from maxsight_mm.engine.one_line_errors import one_line_errors


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f'{self.prog}: error: {message}\n')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = OneLineParser(
        prog=Path(__file__).name, description=__doc__.splitlines()[0]
    )
    parser.add_argument('ann', type=Path, help='COCO JSON')
    parser.add_argument('--percent', type=float, default=10, help='labelled parts')
    parser.add_argument('--fold', type=int, default=0, help='which draw')
    parser.add_argument('--out-dir', type=Path, help="by default the file's own")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('split_labelled'):
        for line in write_split(args.ann, args.percent, args.fold, args.out_dir):
            print(line)


if __name__ == '__main__':
    main()
