"""Turns a public data set into COCO JSON with our optional labels.

    python tools/dataset_tools/convert.py icdar2015 SOURCE data/converted/icdar2015

Each module of ``maxsight_mm/datasets/converters`` says what it expects in SOURCE
and what it holds out. Exit status: 0 done, 1 cannot write, 2 SOURCE is not that set.
"""

import argparse
import contextlib
import sys
from pathlib import Path

# Importing mmdet prints to stdout.
with contextlib.redirect_stdout(sys.stderr):
    from maxsight_mm.datasets.converters import CONVERTERS
    from maxsight_mm.datasets.converters.coco_set import SourceError
    from maxsight_mm.datasets.safe_audio import InvalidAudioError


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('name', choices=sorted(CONVERTERS))
    parser.add_argument('source', type=Path, help='folder of the set as it came')
    parser.add_argument('out', type=Path, help='folder to write, new or empty')
    args = parser.parse_args(argv)
    try:
        print(CONVERTERS[args.name](args.source, args.out))
    except (SourceError, InvalidAudioError, ModuleNotFoundError) as error:
        print(f'convert: {error}', file=sys.stderr)
        return 2
    except OSError as error:
        print(f'convert: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
