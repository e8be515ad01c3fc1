"""Count the parameters of each part of the tiers, beside the counts of the plan.

python tools/analysis_tools/get_params.py [CONFIG ...] [--heads]

Without a config: all tiers. The models are built without weights and mostly without
memory, so the largest needs no more than the smallest.
"""

import argparse
import sys
from pathlib import Path

from mmengine.logging import MMLogger

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.parameter_counts import (
    SEED_MILLIONS,
    build_without_memory,
    parameters_by_head,
    parameters_by_part,
)

CONFIGS = Path(__file__).parents[2] / 'configs'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', help='default: configs/tier_t*.py')
    parser.add_argument('--heads', action='store_true', help='each context head too')
    return parser.parse_args(argv)


def table_of(counts: dict[str, dict[str, int]]) -> str:
    """Markdown table: a row a part, a column a config, millions."""
    parts = list(dict.fromkeys(part for column in counts.values() for part in column))
    rows = [['M parameters', *counts], ['---', *['---:'] * len(counts)]]
    for part in parts:
        cells = [f'{c[part] / 1e6:.2f}' if part in c else '' for c in counts.values()]
        rows.append([part, *cells])
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)


def totals(counts: dict[str, dict[str, int]]) -> str:
    """Two lines for the table: the plan's counts and the deviation from them."""
    planned, off = ['plan'], ['deviation']
    for stem, column in counts.items():
        plan = SEED_MILLIONS.get(stem)
        planned.append('' if plan is None else str(plan))
        share = plan and sum(column.values()) / 1e6 / plan - 1
        off.append('' if share is None else f'{100 * share:+.1f} %')
    total = ['total', *(f'{sum(c.values()) / 1e6:.2f}' for c in counts.values())]
    return '\n'.join(f'| {" | ".join(row)} |' for row in (total, planned, off))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    MMLogger.get_instance('get_params', log_level='ERROR')
    parts, heads = {}, {}
    with one_line_errors('get_params'):
        paths = args.configs or sorted(map(str, CONFIGS.glob('tier_t*.py')))
        for path in paths:
            model = build_without_memory(path)
            parts[Path(path).stem] = parameters_by_part(model)
            heads[Path(path).stem] = parameters_by_head(model)
            del model
    print(table_of(parts))
    print(totals(parts))
    if args.heads:
        print(f'\n{table_of(heads)}')


if __name__ == '__main__':
    sys.exit(main())
