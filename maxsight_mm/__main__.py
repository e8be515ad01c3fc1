"""Command line of the package: ``python -m maxsight_mm <command>``."""

import argparse
import json
import sys
from collections.abc import Sequence

from maxsight_mm import __version__, doctor


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; without one, print the usage.

    Returns:
        The exit status: 0 if the command succeeded, else 1.
    """
    parser = argparse.ArgumentParser(prog='python -m maxsight_mm')
    parser.add_argument('--version', action='version', version=__version__)
    commands = parser.add_subparsers(dest='command', metavar='command')
    check = commands.add_parser(
        'doctor', help='say what of the stack works here and how to add the rest'
    )
    check.add_argument('--json', action='store_true', help='for programs')
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 0
    report = doctor.examine()
    if args.json:
        print(json.dumps(report, indent=2))
    else:
        print('\n'.join(doctor.lines_of(report)))
    return 0 if report['working'] else 1


if __name__ == '__main__':
    sys.exit(main())
