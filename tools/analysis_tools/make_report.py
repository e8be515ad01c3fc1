"""Write report.html and report.json of a run into its folder.

python tools/analysis_tools/make_report.py work_dirs/street_t0
"""

import argparse
from pathlib import Path

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.visualization.report import write_report


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('work_dir', type=Path, help='folder of a run')
    parser.add_argument(
        '--evaluation',
        type=Path,
        help="folder of the metrics' JSON files (WORK_DIR/evaluation)",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('make_report'):
        summary = write_report(args.work_dir, args.evaluation)
    for part in summary['missing']:
        print(f'not found: {part}')
    print(args.work_dir / 'report.html')


if __name__ == '__main__':
    main()
