"""Lists every fault of a COCO JSON file.

    python tools/dataset_tools/validate_coco.py annotations/train.json \
        --image-root . --classes person car bicycle

Exit status: 0 nothing wrong, 1 faults found, 2 the file cannot be read.
"""

import argparse
import contextlib
import sys

# Importing mmdet prints to stdout, which belongs to the report.
with contextlib.redirect_stdout(sys.stderr):
    from maxsight_mm.datasets.coco_json import DatasetError, load_coco_json
    from maxsight_mm.datasets.coco_validation import validate_coco
    from maxsight_mm.datasets.image_checks import check_images
    from maxsight_mm.datasets.safe_image import MAX_PIXELS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='List every fault of a COCO JSON file.',
        epilog='exit status: 0 nothing wrong, 1 faults found, 2 not readable',
    )
    parser.add_argument('file', help='COCO JSON file')
    parser.add_argument('--image-root', help='also look at the image files below here')
    parser.add_argument(
        '--decode', action='store_true', help='decode every image, not its header only'
    )
    parser.add_argument(
        '--max-pixels',
        type=int,
        default=MAX_PIXELS,
        help='largest width * height (default: %(default)s)',
    )
    parser.add_argument(
        '--classes', nargs='+', help='class names the categories must equal'
    )
    parser.add_argument('--json', action='store_true', help='print the report as JSON')
    parser.add_argument(
        '--limit',
        type=int,
        default=10,
        help='records shown for each kind of fault (default: %(default)s)',
    )
    args = parser.parse_args(argv)
    if args.decode and not args.image_root:
        parser.error('--decode needs --image-root')
    return args


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    try:
        data = load_coco_json(args.file)
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    report = validate_coco(data, args.classes)
    if args.image_root:
        check_images(report, data, args.image_root, args.decode, args.max_pixels)
    print(report.to_json() if args.json else report.summary(args.limit))
    return 0 if report.ok else 1


if __name__ == '__main__':
    sys.exit(main())
