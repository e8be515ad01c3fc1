"""Draw classes, teacher, pseudo-labels, anchors and loss of a run on one page.

python tools/analysis_tools/ssod_dashboard.py work_dirs/ours --out dashboard.png
"""

import argparse
from pathlib import Path

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.ssod_monitor import read_run_records
from maxsight_mm.visualization.plot_style import paper, png_bytes
from maxsight_mm.visualization.ssod_dashboard import plot_ssod_dashboard


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run_dir', type=Path, help='work directory of a training')
    parser.add_argument('--out', type=Path, required=True, help='PNG to write')
    parser.add_argument('--dark', action='store_true', help='on dark paper')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('ssod_dashboard'):
        records = read_run_records(args.run_dir)
        with paper(args.dark):
            picture = png_bytes(plot_ssod_dashboard(records, args.dark))
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_bytes(picture)
    print(f'{sum(map(len, records.values()))} records -> {args.out}')


if __name__ == '__main__':
    main()
