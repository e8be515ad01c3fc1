"""Audit a collection of pictures before training on it.

    python tools/dataset_tools/audit.py train=train.json val=val.json --out DIR
    python tools/dataset_tools/audit.py all=labels.csv --columns risk --out DIR
    python tools/dataset_tools/audit.py train=data/train val=data/val --out DIR \\
        --target fire=0.5 normal=0.5

A source is a COCO file, a CSV table with a column ``path``, or a folder of class
folders, one a split. DIR gets ``audit.md``, ``audit.json``, ``data_card.md`` and
pictures. Exit status: 0 done, 1 pictures leak from one split into another, 2 bad input.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from maxsight_mm.datasets.audit.audit_report import audit_markdown, card_facts
from maxsight_mm.datasets.audit.box_statistics import box_statistics
from maxsight_mm.datasets.audit.collection import read_collection
from maxsight_mm.datasets.audit.composition import (
    TARGET_MIX,
    class_shares,
    scenario_table,
)
from maxsight_mm.datasets.audit.data_card import data_card
from maxsight_mm.datasets.audit.duplicates import find_twins
from maxsight_mm.datasets.audit.miss_cost import Plan, plan_costs
from maxsight_mm.datasets.coco_json import DatasetError
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.evaluation.report_tables import dump_json
from maxsight_mm.visualization.audit_plots import plot_classes, plot_mix, plot_plans


def pair(text: str) -> tuple[str, str]:
    """``name=value``."""
    name, equals, value = text.partition('=')
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f'{text!r} is not name=value')
    return name, value


def share(text: str) -> tuple[str, float]:
    """``name=share``."""
    name, value = pair(text)
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f'{value!r} is no number') from None


def plan(text: str) -> Plan:
    """``name=miss_rate:setup_cost``."""
    name, value = pair(text)
    try:
        rate, cost = map(float, value.split(':'))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'{text!r} is not name=miss_rate:setup_cost'
        ) from None
    return Plan(name, rate, cost)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('sources', nargs='+', type=pair, metavar='SPLIT=SOURCE')
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--scenario', help='key of images or column with the scenario')
    parser.add_argument('--columns', nargs='+', default=[], help='tasks of a table')
    add = parser.add_argument
    add('--target', nargs='+', type=share, metavar='SCENARIO=SHARE')
    add('--natural', nargs='+', type=share, metavar='SCENARIO=SHARE')
    add('--plan', action='append', type=plan, metavar='NAME=MISS_RATE:SETUP_COST')
    add('--events-per-year', type=float, help='of what must not be missed')
    add('--miss-cost', type=float, help='of one missed event')
    add('--currency', default='EUR')
    add('--card', type=Path, help='JSON with what the owner states for the data card')
    args = parser.parse_args(argv)
    if args.plan and (args.events_per_year is None or args.miss_cost is None):
        parser.error('--plan needs --events-per-year and --miss-cost')
    return args


def stated_of(path: Path | None) -> dict:
    """What the owner states.

    Raises:
        DatasetError: If the file is no JSON object.
    """
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise DatasetError(f'{path}: not JSON: {error}') from None
    if not isinstance(content, dict):
        raise DatasetError(f'{path}: not an object')
    return content


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('audit'):
        sources = dict(args.sources)
        if len(sources) < len(args.sources):
            raise DatasetError('two sources are of one split')
        pictures = read_collection(sources, args.scenario, args.columns)
        mix = []
        if args.target or any(p.scenario in TARGET_MIX for p in pictures):
            target = dict(args.target) if args.target else TARGET_MIX
            mix = scenario_table(pictures, target, dict(args.natural or ()))
        plans = []
        if args.plan:
            plans = plan_costs(args.plan, args.events_per_year, args.miss_cost)
        twins, unreadable = find_twins(pictures)
        classes = class_shares(pictures)
        boxes = box_statistics(pictures)
        card = data_card(stated_of(args.card), card_facts(pictures, twins, unreadable))
        args.out.mkdir(parents=True, exist_ok=True)
        found = dict(
            pictures=pictures,
            mix=mix,
            classes=classes,
            boxes=boxes,
            twins=twins,
            unreadable=unreadable,
            plans=plans,
        )
        report = audit_markdown(**found, currency=args.currency)
        (args.out / 'audit.md').write_text(report, encoding='utf-8')
        (args.out / 'data_card.md').write_text(card, encoding='utf-8')
        content = {
            'pictures': len(pictures),
            'classes': classes,
            'unreadable': unreadable,
            **{
                name: [asdict(row) for row in found[name]]
                for name in ('mix', 'boxes', 'twins', 'plans')
            },
        }
        dump_json(content, str(args.out / 'audit.json'))
        if mix:
            plot_mix(mix, args.out / 'mix.png')
        if classes:
            plot_classes(classes, args.out / 'classes.png')
        if plans:
            plot_plans(plans, args.currency, args.out / 'plans.png')
    leaks = sum(each.is_leak for each in twins)
    print(
        f'{args.out}/audit.md: {len(pictures)} pictures, {leaks} pairs across splits, '
        f'{len(twins) - leaks} within, {len(unreadable)} unreadable'
    )
    sys.exit(1 if leaks else 0)


if __name__ == '__main__':
    main()
