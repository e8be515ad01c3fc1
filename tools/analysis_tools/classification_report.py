"""Choose a threshold for an image classifier by cost, and say what it is worth.

python tools/analysis_tools/classification_report.py test.json --calibrate val.json
    --task risk --unsafe unsafe --miss-cost 20 --false-alarm-cost 1 --currency EUR
    --out work_dirs/risk/report

Both files are the predictions.json of ImageTaskMetric (``out_file=``). Temperature and
threshold are fitted on ``--calibrate`` and judged on the first file; without it they
are cross-fitted. Read report.html or report.md; decision.json goes with the model.
"""

import argparse
from pathlib import Path

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.evaluation.decision_study import THRESHOLD_RULES, study_decision
from maxsight_mm.evaluation.functional.decisions import Costs
from maxsight_mm.evaluation.task_predictions import read_predictions
from maxsight_mm.visualization.decision_report import (
    ReportSettings,
    write_decision_report,
)
from maxsight_mm.visualization.decision_words import findings


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('predictions', type=Path, help='predictions.json to judge')
    parser.add_argument('--task', required=True)
    parser.add_argument(
        '--unsafe', nargs='+', required=True, metavar='CLASS', help='unsafe classes'
    )
    parser.add_argument('--miss-cost', type=float, required=True)
    parser.add_argument('--false-alarm-cost', type=float, required=True)
    parser.add_argument('--currency', default='cost units', help='of the costs')
    parser.add_argument('--images-per-year', type=float, help='for costs of a year')
    parser.add_argument(
        '--calibrate',
        type=Path,
        metavar='PREDICTIONS',
        help='predictions.json of other images to fit on; default: cross-fitting',
    )
    parser.add_argument(
        '--threshold',
        choices=THRESHOLD_RULES,
        default='cheapest',
        help='cheapest: the score with the least cost on the images it is fitted on; '
        'break_even: false-alarm cost / sum of both costs, steadier with few unsafe '
        'images',
    )
    parser.add_argument(
        '--subgroups',
        nargs='+',
        default=[],
        metavar='COLUMN',
        help="columns of the images' groups, a table each",
    )
    parser.add_argument(
        '--review',
        nargs=2,
        type=float,
        metavar=('LOW', 'HIGH'),
        help='calibrated scores from LOW to below HIGH go to a person',
    )
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    args = parser.parse_args(argv)
    if args.images_per_year is not None and not 0 < args.images_per_year < float('inf'):
        parser.error('--images-per-year must be more than 0')
    return args


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('classification_report'):
        predictions = read_predictions(args.predictions)
        study = study_decision(
            predictions,
            args.task,
            args.unsafe,
            Costs(args.miss_cost, args.false_alarm_cost),
            None if args.calibrate is None else read_predictions(args.calibrate),
            args.threshold,
        )
        settings = ReportSettings(
            args.task,
            predictions.model,
            args.currency,
            args.images_per_year,
            None if args.review is None else tuple(args.review),
            args.subgroups,
        )
        figures = write_decision_report(study, args.out, settings)
    print('\n'.join(findings(figures, args.currency)))
    print(args.out / 'report.html')


if __name__ == '__main__':
    main()
