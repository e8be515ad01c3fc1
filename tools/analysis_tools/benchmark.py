"""Time a model against another, or its stage A in several runtimes, side by side.

``python tools/analysis_tools/benchmark.py configs/tier_t0.py
--against mmdet::fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py``
``python tools/analysis_tools/benchmark.py configs/tier_t0.py
--backends eager,compiled,onnxruntime,openvino,int8-onnxruntime,int8-openvino``

The two take turns on the same batch, so that a machine whose speed drifts treats
both alike; what is reported is the median of each and the median of the ratios of
neighbouring runs. Weights are random: time does not depend on them, but the number
of detections that reach the suppression does, so ``forward`` is given as well.
With ``--backends``, graphs end at the scores of all locations, or at the raw heads of
the peer, each runtime gets as many threads and cores as ``--threads`` says, and the
share of the speed of a large matrix product is given beside the times.
"""

import argparse
import json
import platform
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from mmengine.logging import MMLogger

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.step_timing import (
    build_model,
    interleaved_ms,
    make_step,
    median_ratio,
)

MODES = ('forward', 'predict', 'train')


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config')
    parser.add_argument('--against', help='config of the peer')
    parser.add_argument(
        '--backends',
        type=lambda text: text.split(','),
        help='runtimes by name with commas between them; the first is compared with',
    )
    parser.add_argument('--size', type=int, nargs='+', default=[224], help='H W or one')
    parser.add_argument('--batch', type=int, help='images at inference (1)')
    parser.add_argument('--train-batch', type=int, help='images a step (4)')
    parser.add_argument('--rounds', type=int, default=15, help='counted pairs')
    parser.add_argument('--modes', nargs='+', choices=MODES, help='all by default')
    parser.add_argument('--threads', type=int, help='CPU threads')
    parser.add_argument('--device', help='cpu by default')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    args = parser.parse_args(argv)
    if args.against is None and args.backends is None:
        parser.error('give --against, --backends or both')
    of_models = dict(batch=1, train_batch=4, modes=list(MODES), device='cpu')
    for name, default in of_models.items():
        if getattr(args, name) is None:
            setattr(args, name, default)
        elif args.backends is not None:
            option = name.replace('_', '-')
            parser.error(f'--{option}: runtimes are timed on one image on the CPU')
    return args


def compare(
    ours: Callable[[], None], peer: Callable[[], None], rounds: int
) -> dict[str, float]:
    """Medians in ms of two steps taking turns, and of the ratio of each pair."""
    own_ms, peer_ms = interleaved_ms([ours, peer], rounds)
    ratios = [a / b for a, b in zip(own_ms, peer_ms, strict=True)]
    return dict(
        own_ms=statistics.median(own_ms),
        peer_ms=statistics.median(peer_ms),
        ratio=median_ratio(own_ms, peer_ms),
        ratio_min=min(ratios),
        ratio_max=max(ratios),
    )


def _commit() -> str | None:
    command = ['git', 'rev-parse', '--short', 'HEAD']
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def compare_backends(args: argparse.Namespace, size: tuple[int, int]) -> None:
    """Print the runtimes' times, the peer's in those that take a foreign model."""
    from maxsight_mm.deploy.backend_timing import (
        FLOAT_BACKENDS,
        backend_steps,
        pin,
        time_backends,
    )

    threads = args.threads or torch.get_num_threads()
    steps, counts = {}, {}
    with one_line_errors('benchmark'), TemporaryDirectory() as folder:
        pin(threads)
        for prefix, config in (('', args.config), ('peer ', args.against)):
            if config is None:
                continue
            own = not prefix
            chosen = [b for b in args.backends if own or b in FLOAT_BACKENDS]
            found, count = backend_steps(
                build_model(config), chosen, size, threads, Path(folder) / f'{own}'
            )
            steps |= {prefix + name: step for name, step in found.items()}
            counts |= dict.fromkeys((prefix + name for name in found), count)
        times, peak = time_backends(steps, counts, args.rounds, threads)
    print(f'{args.config}' + (f', peer {args.against}' if args.against else ''))
    print(
        f'1 x 3 x {size[0]} x {size[1]}, {threads} threads, {args.rounds} rounds, '
        f'matrix product {peak:.0f} GFLOP/s'
    )
    print('| runtime | GFLOP | median ms | p99 ms | speed-up | of the product | MB |')
    print('| --- | ---: | ---: | ---: | ---: | ---: | ---: |')
    for name, own in times.items():
        size_mb = '' if own.file_mb is None else f'{own.file_mb:.1f}'
        print(
            f'| {name} | {counts[name] / 1e9:.2f} | {own.median_ms:.1f} '
            f'| {own.p99_ms:.1f} | {own.ratio:.2f} | {own.peak_share:.2f} | {size_mb} |'
        )
    if args.out:
        report = dict(
            config=args.config,
            against=args.against,
            size=size,
            threads=threads,
            rounds=args.rounds,
            product_gflops=peak,
            operations=counts,
            torch=torch.__version__,
            device=platform.machine(),
            commit=_commit(),
            backends={name: asdict(own) for name, own in times.items()},
        )
        Path(args.out).write_text(json.dumps(report, indent=2))


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    MMLogger.get_instance('benchmark', log_level='ERROR')
    size = (args.size * 2)[:2] if len(args.size) == 1 else tuple(args.size)
    if args.backends is not None:
        compare_backends(args, size)
        return
    if args.threads:
        torch.set_num_threads(args.threads)
    with one_line_errors('benchmark'):
        ours, peer = build_model(args.config), build_model(args.against)
    on_gpu = args.device.startswith('cuda')
    millions = [sum(p.numel() for p in m.parameters()) / 1e6 for m in (ours, peer)]
    report = dict(
        config=args.config,
        against=args.against,
        size=size,
        parameters_m=[round(m, 2) for m in millions],
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        device=torch.cuda.get_device_name() if on_gpu else platform.machine(),
        commit=_commit(),
        modes={},
    )
    print(f'{args.config}: {millions[0]:.1f} M parameters')
    print(f'{args.against}: {millions[1]:.1f} M parameters')
    print(f'{size[0]} x {size[1]}, {torch.get_num_threads()} threads')
    print(f'{"":8}  batch   own ms  peer ms   ratio  (of {args.rounds} pairs)')
    for mode in args.modes:
        batch = args.train_batch if mode == 'train' else args.batch
        steps = [make_step(m, mode, batch, size, args.device) for m in (ours, peer)]
        figures = compare(*steps, args.rounds)
        report['modes'][mode] = dict(batch=batch, **figures)
        print(
            f'{mode:8}  {batch:5d} {figures["own_ms"]:8.1f} {figures["peer_ms"]:8.1f}'
            f'   {figures["ratio"]:.3f}'
            f'  ({figures["ratio_min"]:.2f} to {figures["ratio_max"]:.2f})'
        )
    if args.out:
        Path(args.out).write_text(json.dumps(report, indent=2))


if __name__ == '__main__':
    main()
