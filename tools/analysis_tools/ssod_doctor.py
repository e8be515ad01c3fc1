"""Check a semi-supervised config before its training; status 1 if there is an error.

``python tools/analysis_tools/ssod_doctor.py CONFIG``
"""

import argparse
import json
import sys
from dataclasses import asdict

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.ssod_doctor import examine
from maxsight_mm.engine.step_timing import read_model_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='file, or mmdet::... of a package')
    parser.add_argument('--json', action='store_true', help='print a JSON list')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('ssod_doctor'):
        findings = examine(read_model_config(args.config))
    if args.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(finding)
        if not findings:
            print(f'{args.config}: nothing found')
    if any(finding.severity == 'error' for finding in findings):
        sys.exit(1)


if __name__ == '__main__':
    main()
