"""Time fused attention against attention written out, side by side.

``python tools/analysis_tools/benchmark_attention.py --tokens 197 785``

Both take turns on the same tensors, so that a machine whose speed drifts treats
them alike; reported are the median of each, the median of the ratios of neighbouring
runs, and on CUDA the peak memory of each.
"""

import argparse
import json
import statistics
import time

import torch

from maxsight_mm.models.fusion.attention import AttentionKind, attend

KINDS: tuple[AttentionKind, ...] = ('naive', 'sdpa')
WARMUP_ROUNDS = 3


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--tokens', type=int, nargs='+', default=[197, 785])
    parser.add_argument('--batch', type=int, nargs='+', default=[1, 8])
    parser.add_argument('--heads', type=int, default=12)
    parser.add_argument('--head-dims', type=int, default=64)
    parser.add_argument('--rounds', type=int, default=20, help='counted pairs')
    parser.add_argument('--backward', action='store_true', help='also differentiate')
    parser.add_argument(
        '--dtype', choices=('float32', 'float16', 'bfloat16'), default='float32'
    )
    parser.add_argument('--threads', type=int, help='CPU threads')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args()


def run_once(
    kind: AttentionKind, tensors: list[torch.Tensor], backward: bool
) -> tuple[float, float]:
    """Milliseconds, and peak MiB on CUDA (0 elsewhere) beyond the inputs."""
    on_cuda = tensors[0].is_cuda
    if on_cuda:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    start = time.perf_counter()
    with torch.set_grad_enabled(backward):
        out = attend(*tensors, kind)
        if backward:
            torch.autograd.grad(out.sum(), tensors)
    if not on_cuda:
        return 1e3 * (time.perf_counter() - start), 0.0
    torch.cuda.synchronize()
    elapsed_ms = 1e3 * (time.perf_counter() - start)
    return elapsed_ms, (torch.cuda.max_memory_allocated() - before) / 2**20


def compare(args: argparse.Namespace, batch: int, tokens: int) -> dict:
    """Figures of both kinds for one shape."""
    generator = torch.Generator().manual_seed(0)
    shape = (batch, args.heads, tokens, args.head_dims)
    tensors = [
        torch.randn(shape, generator=generator)
        .to(args.device, getattr(torch, args.dtype))
        .requires_grad_(args.backward)
        for _ in range(3)
    ]
    runs: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for _ in range(WARMUP_ROUNDS + args.rounds):
        for kind in KINDS:
            runs[kind].append(run_once(kind, tensors, args.backward))
    times = {kind: [ms for ms, _ in runs[kind][WARMUP_ROUNDS:]] for kind in KINDS}
    ratios = [a / b for a, b in zip(times['naive'], times['sdpa'], strict=True)]
    figures = dict(batch=batch, tokens=tokens, ratio=statistics.median(ratios))
    for kind in KINDS:
        figures[f'{kind}_ms'] = statistics.median(times[kind])
        if args.device.startswith('cuda'):
            figures[f'{kind}_peak_mib'] = max(mib for _, mib in runs[kind])
    return figures


def main() -> None:
    args = parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    rows = []
    for batch in args.batch:
        for tokens in args.tokens:
            row = compare(args, batch, tokens)
            rows.append(row)
            line = (
                f'batch {batch:3d}  tokens {tokens:5d}  naive {row["naive_ms"]:9.3f} ms'
                f'  sdpa {row["sdpa_ms"]:9.3f} ms  ratio {row["ratio"]:.2f}'
            )
            if 'sdpa_peak_mib' in row:
                line += (
                    f'  peak {row["naive_peak_mib"]:.1f} / '
                    f'{row["sdpa_peak_mib"]:.1f} MiB'
                )
            print(line, flush=True)
    if args.out:
        with open(args.out, 'w') as file:
            json.dump(dict(settings=vars(args), rows=rows), file, indent=2)


if __name__ == '__main__':
    main()
