"""Time and memory of the tiers relative to the first, or of each context head.

python tools/analysis_tools/tier_costs.py [CONFIG ...] [--heads]

Without a config: all tiers. Each takes turns with the first, so only two are in
memory at a time; what is reported is medians, and the median of the ratios of
neighbouring runs. ``forward`` is the safety pass and, for eight fixed objects, all
context answers; ``train`` is a whole step. With ``--heads`` each context head runs
alone on the features of one batch.
"""

import argparse
import json
import platform
import statistics
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import MMLogger

from maxsight_mm.engine.config_loading import ConfigError
from maxsight_mm.engine.head_costs import head_costs
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.peak_memory import peak_memory_mib
from maxsight_mm.engine.step_timing import (
    build_model,
    interleaved_ms,
    make_step,
    median_ratio,
)
from maxsight_mm.visualization.provenance import git_commit

CONFIGS = Path(__file__).parents[2] / 'configs'
MODES = ('forward', 'train')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', help='default: configs/tier_t*.py')
    parser.add_argument('--size', type=int, nargs='+', default=[224], help='H W or one')
    parser.add_argument('--batch', type=int, default=1, help='images a step')
    parser.add_argument('--rounds', type=int, default=9, help='counted rounds')
    parser.add_argument('--modes', nargs='+', choices=MODES, default=list(MODES))
    parser.add_argument('--heads', action='store_true', help='cost of each head')
    parser.add_argument('--no-memory', action='store_true', help='time alone')
    parser.add_argument('--threads', type=int, help='CPU threads')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args(argv)


def tier_report(path: str, first: str, args: argparse.Namespace, size) -> dict:
    """Figures of one tier, measured in turns with the first."""
    models = [build_model(path)] + ([] if path == first else [build_model(first)])
    report: dict[str, Any] = {
        'parameters_m': sum(p.numel() for p in models[0].parameters()) / 1e6
    }
    for mode in args.modes:
        steps = [make_step(m, mode, args.batch, size, args.device) for m in models]
        times = interleaved_ms(steps, args.rounds)
        report[mode] = {
            'ms': statistics.median(times[0]),
            'ratio': median_ratio(times[0], times[-1]),
        }
    return report


def print_tiers(paths: list[str], args: argparse.Namespace, size) -> dict:
    columns = ''.join(f' | {mode} ms | of first | MiB' for mode in args.modes)
    print(f'| config | M parameters{columns} |')
    print(f'| --- | ---:{" | ---:" * (3 * len(args.modes))} |')
    report = {}
    for path in paths:
        figures = tier_report(path, paths[0], args, size)
        peaks = (
            [None] * len(args.modes)
            if args.no_memory
            else peak_memory_mib(path, args.modes, args.batch, size, args.device)
        )
        cells = [f'{figures["parameters_m"]:.1f}']
        for mode, peak in zip(args.modes, peaks, strict=True):
            figures[mode]['peak_mib'] = peak
            cells += [f'{figures[mode]["ms"]:.1f}', f'{figures[mode]["ratio"]:.2f}']
            cells.append('-' if peak is None else f'{peak:.0f}')
        report[Path(path).stem] = figures
        print(f'| {Path(path).stem} | {" | ".join(cells)} |', flush=True)
    return report


def print_heads(paths: list[str], args: argparse.Namespace, size) -> dict:
    report = {}
    for path in paths:
        whole_ms, costs = head_costs(
            build_model(path), args.batch, size, args.device, args.rounds
        )
        report[Path(path).stem] = {
            'whole_ms': whole_ms,
            'heads': {cost.task: cost._asdict() for cost in costs},
        }
        print(f'{path}: {whole_ms:.1f} ms, {len(costs)} context heads')
        if not costs:
            continue
        print('| head | M parameters | ms | % of the whole |')
        print('| --- | ---: | ---: | ---: |')
        for cost in costs:
            share = 100 * cost.ms / whole_ms
            millions = cost.parameters / 1e6
            print(f'| {cost.task} | {millions:.2f} | {cost.ms:.2f} | {share:.1f} |')
    return report


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    MMLogger.get_instance('tier_costs', log_level='ERROR')
    if args.threads:
        torch.set_num_threads(args.threads)
    size = tuple((args.size * 2)[:2])
    with one_line_errors('tier_costs'):
        if args.rounds < 1:
            raise ConfigError(f'--rounds must be at least 1, got {args.rounds}')
        paths = args.configs or sorted(map(str, CONFIGS.glob('tier_t*.py')))
        on_gpu = args.device.startswith('cuda')
        machine = torch.cuda.get_device_name() if on_gpu else platform.machine()
        threads = torch.get_num_threads()
        print(
            f'{size[0]} x {size[1]}, batch {args.batch}, {machine}, '
            f'{threads} threads, medians of {args.rounds}\n'
        )
        figures = (print_heads if args.heads else print_tiers)(paths, args, size)
        if args.out:
            report = dict(
                size=size,
                batch=args.batch,
                rounds=args.rounds,
                threads=threads,
                device=machine,
                torch=torch.__version__,
                commit=git_commit(),
                heads=args.heads,
                configs=figures,
            )
            Path(args.out).write_text(json.dumps(report, indent=2))


if __name__ == '__main__':
    main()
