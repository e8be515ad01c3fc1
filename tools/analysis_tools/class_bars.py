"""Plot AP50, AP and recall of each class.

python tools/analysis_tools/class_bars.py \
work_dirs/street_t0/evaluation/test.det.json --out classes.png
"""

import argparse
from pathlib import Path

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.visualization.class_bars import classes_by_ap50, plot_class_bars
from maxsight_mm.visualization.plot_style import paper, png_bytes
from maxsight_mm.visualization.run_summary import read_table


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('table', type=Path, help='.det.json of a test')
    parser.add_argument('--out', type=Path, required=True, help='PNG to write')
    parser.add_argument('--dark', action='store_true', help='on dark paper')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('class_bars'):
        rows = read_table(args.table, 'classes')['classes']
        with paper(args.dark):
            picture = png_bytes(plot_class_bars(rows, args.dark))
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_bytes(picture)
    print(f'{len(classes_by_ap50(rows))} of {len(rows)} classes -> {args.out}')


if __name__ == '__main__':
    main()
