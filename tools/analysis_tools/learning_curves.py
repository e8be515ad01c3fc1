"""Plot losses, learning rate and validation figures of a run.

python tools/analysis_tools/learning_curves.py work_dirs/street_t0 --out curves.png
"""

import argparse
from pathlib import Path

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.visualization.learning_curves import (
    plot_learning_curves,
    read_history,
)
from maxsight_mm.visualization.plot_style import paper, png_bytes


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run_dir', type=Path, help='work directory of a training')
    parser.add_argument('--out', type=Path, required=True, help='PNG to write')
    parser.add_argument('--dark', action='store_true', help='on dark paper')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('learning_curves'):
        history = read_history(args.run_dir)
        with paper(args.dark):
            picture = png_bytes(plot_learning_curves(history, args.dark))
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_bytes(picture)
    print(
        f'{len(history.training)} training and {len(history.validation)} validation '
        f'records -> {args.out}'
    )


if __name__ == '__main__':
    main()
