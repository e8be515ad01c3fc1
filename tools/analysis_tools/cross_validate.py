"""Train a classifier once a fold and gather the answers to what each did not see.

``python tools/analysis_tools/cross_validate.py configs/risk/demo_fire.py
--out-dir work_dirs/fire --jobs 2``

The data sets of the config are tables with a column ``fold``
(``tools/dataset_tools/split_images.py`` makes one). Each seed gets ``predictions.json``
for ``tools/analysis_tools/classification_report.py``; ``--floor`` adds the same of a
logistic regression on colour histograms, the least that a network has to beat. What is
finished in the folder is not trained again.
"""

import argparse
import sys
from pathlib import Path

from maxsight_mm.engine.colour_histogram import answer_by_colour
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.cross_validation import (
    PREDICTIONS,
    merge_predictions,
    plan_folds,
)
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.seed_runs import train_missing

TRAIN = Path(__file__).parents[1] / 'train.py'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', type=Path)
    parser.add_argument('--seeds', type=int, nargs='+', default=[0])
    parser.add_argument('--out-dir', type=Path, required=True)
    parser.add_argument('--jobs', type=int, default=1, help='trainings at a time')
    parser.add_argument('--floor', action='store_true')
    parser.add_argument(
        '--cfg-options', nargs='+', default=[], help='for every training: key=value'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    failed = False
    with one_line_errors('cross_validate'):
        config = load_config(str(args.config))
        runs = plan_folds(args.config, config, args.seeds, args.out_dir)
        for run, status in train_missing(runs, TRAIN, args.cfg_options, args.jobs):
            failed |= status != 0
            said = 'done' if status == 0 else f'failed, see {run.folder}/train.log'
            print(f'seed {run.seed} {run.folder.name}: {said}', flush=True)
        if not failed:
            for seed in args.seeds:
                files = [r.folder / PREDICTIONS for r in runs if r.seed == seed]
                out = args.out_dir / f'seed{seed}' / PREDICTIONS
                print(f'{out}: {merge_predictions(files, out)} images')
        if args.floor:
            out = args.out_dir / 'floor' / PREDICTIONS
            out.parent.mkdir(parents=True, exist_ok=True)
            count = answer_by_colour(config.val_dataloader.dataset, out)
            print(f'{out}: {count} images')
    sys.exit(failed)


if __name__ == '__main__':
    main()
