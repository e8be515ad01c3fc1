"""Compare trainings by the recall of one class at equal precision.

    python tools/analysis_tools/violation_recall.py \\
        work_dirs/kitchen/*/seed*/predictions.pkl \\
        --ann data/kitchen_natural/annotations/instances_val.json --out recall.png

Runs are predictions that ``PredictionFileHook`` or ``tools/test.py --out`` wrote, or
COCO results in JSON. An arm is named by the folder of its runs (above ``seedN``), or
``NAME=FILE``. Prints a Markdown table, mean and range over seeds.
"""

import argparse
from pathlib import Path

from maxsight_mm.datasets.coco_json import load_coco_json
from maxsight_mm.datasets.coco_validation import listed, validate_coco
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.evaluation.detection_files import (
    DetectionFileError,
    read_detections_file,
    read_truth,
)
from maxsight_mm.evaluation.recall_study import (
    Arms,
    arms_of,
    class_curve,
    recall_table,
)
from maxsight_mm.taxonomy.kitchen import KITCHEN_CLASSES
from maxsight_mm.visualization.class_recall import plot_class_recall
from maxsight_mm.visualization.plot_style import paper, png_bytes


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('runs', nargs='+', help='prediction files, or NAME=FILE')
    parser.add_argument('--ann', type=Path, required=True, help='COCO file judged on')
    parser.add_argument(
        '--classes',
        nargs='+',
        default=list(KITCHEN_CLASSES),
        help='in the order of the config (%(default)s)',
    )
    parser.add_argument(
        '--class', dest='name', default=KITCHEN_CLASSES[1], help='(%(default)s)'
    )
    parser.add_argument('--precisions', type=float, nargs='+', default=[0.8, 0.9, 0.95])
    parser.add_argument('--iou-thr', type=float, default=0.5, help='(%(default)s)')
    parser.add_argument('--out', type=Path, help='PNG to write')
    parser.add_argument('--dark', action='store_true', help='on dark paper')
    return parser.parse_args(argv)


def judge(args: argparse.Namespace) -> Arms:
    """Curves of the class, by arm."""
    if args.name not in args.classes:
        raise DetectionFileError(
            f'--class {args.name} is none of --classes {", ".join(args.classes)}'
        )
    if not 0 < args.iou_thr <= 1:
        raise DetectionFileError(f'--iou-thr must be in (0, 1], got {args.iou_thr}')
    data = load_coco_json(args.ann)
    report = validate_coco(data)
    if report.errors:
        raise DetectionFileError(f'{args.ann}: {listed(report.errors, "error")}')
    truth = read_truth(data, args.classes)
    label = args.classes.index(args.name)
    if not any((objects.labels == label).any() for objects in truth.values()):
        raise DetectionFileError(f'{args.ann}: no object of the class {args.name}')
    return {
        arm: [
            class_curve(
                read_detections_file(path, data, args.classes),
                truth,
                label,
                args.iou_thr,
            )
            for path in paths
        ]
        for arm, paths in arms_of(args.runs).items()
    }


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('violation_recall'):
        arms = judge(args)
        table = recall_table(arms, args.precisions)
        picture = None
        if args.out is not None:
            with paper(args.dark):
                figure = plot_class_recall(arms, args.name, args.precisions, args.dark)
                picture = png_bytes(figure)
        objects = next(iter(arms.values()))[0].num_objects
        print(f'{args.name}: {objects} objects, IoU {args.iou_thr:g}\n\n{table}')
        if picture is not None:
            args.out.parent.mkdir(parents=True, exist_ok=True)
            args.out.write_bytes(picture)
            print(f'\n{args.out}')


if __name__ == '__main__':
    main()
