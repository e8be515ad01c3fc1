"""Weights of the tiers in MB at each precision, and what fits on a phone.

python tools/analysis_tools/size_table.py [CONFIG ...] [--limit-mb 50]

Counts weights alone, in 10^6 bytes; a file adds one to three per cent. Stage A is
what an export holds. 4 bit is an estimate: half a byte a weight, nothing here makes
such a file. Where nothing fits, the last column says how many times smaller the model
would have to become first, by pruning or by distilling it.
"""

import argparse
import sys
from pathlib import Path

from mmengine.logging import MMLogger

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.parameter_counts import (
    build_without_memory,
    parameters_by_part,
)

CONFIGS = Path(__file__).parents[2] / 'configs'
STAGE_A = ('safety_pass', 'safety_heads')
BYTES = {'fp32': 4.0, 'fp16': 2.0, 'INT8': 1.0}
ESTIMATED_BYTES = {'4 bit (estimate)': 0.5}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', help='default: configs/tier_t*.py')
    parser.add_argument('--limit-mb', type=float, default=50.0, help='size of a file')
    return parser.parse_args(argv)


def row_of(name: str, parameters: int, limit_mb: float) -> str:
    """A line of the table."""
    widths = BYTES | ESTIMATED_BYTES
    sizes = {kind: parameters * width / 1e6 for kind, width in widths.items()}
    fitting = [kind for kind, size in sizes.items() if size <= limit_mb]
    verdict = fitting[0] if fitting else f'{sizes["INT8"] / limit_mb:.1f} x at INT8'
    cells = [name, f'{parameters / 1e6:.2f}', *(f'{s:.1f}' for s in sizes.values())]
    return f'| {" | ".join([*cells, verdict])} |'


def table_of(counts: dict[str, dict[str, int]], limit_mb: float) -> str:
    """Markdown: each config whole, and its stage A where that is less."""
    kinds = [f'{kind} MB' for kind in (*BYTES, *ESTIMATED_BYTES)]
    header = ['', 'M parameters', *kinds]
    lines = [
        f'| {" | ".join([*header, f"fits {limit_mb:g} MB from"])} |',
        f'| --- |{" ---: |" * (len(header) - 1)} --- |',
    ]
    for stem, parts in counts.items():
        whole = sum(parts.values())
        lines.append(row_of(stem, whole, limit_mb))
        stage_a = sum(parts.get(name, 0) for name in STAGE_A)
        if 0 < stage_a < whole:
            lines.append(row_of(f'{stem}, stage A', stage_a, limit_mb))
    return '\n'.join(lines)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    MMLogger.get_instance('size_table', log_level='ERROR')
    with one_line_errors('size_table'):
        paths = args.configs or sorted(map(str, CONFIGS.glob('tier_t*.py')))
        counts = {
            Path(path).stem: parameters_by_part(build_without_memory(path))
            for path in paths
        }
    print(table_of(counts, args.limit_mb))


if __name__ == '__main__':
    sys.exit(main())
