"""Train configs with several seeds and print their figures side by side.

``python tools/analysis_tools/compare_seeds.py configs/defects/demo_*.py
--seeds 0 1 2 --out-dir work_dirs/defects --jobs 2``

What is finished in the folder is not trained again, what was interrupted goes on from
its newest checkpoint; with ``--only-table`` nothing is trained.
"""

import argparse
import sys
from pathlib import Path

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.seed_runs import plan_runs, seed_tables, train_missing

TRAIN = Path(__file__).parents[1] / 'train.py'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='+', type=Path)
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--out-dir', type=Path, required=True)
    parser.add_argument('--jobs', type=int, default=1, help='trainings at a time')
    parser.add_argument(
        '--figures',
        nargs='+',
        default=['det/mAP', 'det/AP/', 'det/AP50/'],
        help='one table each; a name that ends with / takes all below it',
    )
    parser.add_argument('--only-table', action='store_true')
    parser.add_argument(
        '--cfg-options', nargs='+', default=[], help='for every training: key=value'
    )
    args = parser.parse_args(argv)
    if args.jobs < 1:
        parser.error('--jobs must be 1 or more')
    return args


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    failed = 0
    with one_line_errors('compare_seeds'):
        runs = plan_runs(args.configs, args.seeds, args.out_dir)
        if not args.only_table:
            for run, status in train_missing(runs, TRAIN, args.cfg_options, args.jobs):
                failed += status != 0
                outcome = (
                    'done' if status == 0 else f'failed, see {run.folder}/train.log'
                )
                print(f'{run.config.stem} seed {run.seed}: {outcome}', flush=True)
        for prefix in args.figures:
            for head, *rows in seed_tables(runs, prefix):
                print(f'\n{prefix}')
                for row in (head, ['---'] + ['---:'] * (len(head) - 1), *rows):
                    print('| ' + ' | '.join(row) + ' |')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
