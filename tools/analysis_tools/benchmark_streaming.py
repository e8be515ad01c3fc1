"""Time one streaming step of the temporal encoder against the whole clip.

``python tools/analysis_tools/benchmark_streaming.py --size 224``

Without streaming, every new frame costs the encoder a clip of ``--window`` frames;
with it, one frame and the memory of those before. The two take turns, so that a
machine whose speed drifts treats both alike; what is reported is the median of each
and the median of the ratios of neighbouring runs. The encoder alone is timed: that
the safety pass, too, need not see old frames again comes on top. Weights are random.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from maxsight_mm.models.temporal import TemporalEncoder

_STRIDE = 16
_WARM_UP = 2


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', type=int, nargs='+', default=[224], help='H W or one')
    parser.add_argument('--in-channels', type=int, default=256)
    parser.add_argument('--num-layers', type=int, default=6)
    parser.add_argument('--hidden-channels', type=int, default=448)
    parser.add_argument('--embed-dims', type=int, default=512)
    parser.add_argument('--num-heads', type=int, default=8)
    parser.add_argument('--window', type=int, default=8, help='frames of a clip')
    parser.add_argument('--rounds', type=int, default=15, help='counted pairs')
    parser.add_argument('--threads', type=int, help='CPU threads')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args()


def make_steps(
    encoder: TemporalEncoder, frames: torch.Tensor
) -> tuple[Callable[[], None], Callable[[], None]]:
    """The next frame of a stream with a full memory, and the clip up to it.

    Args:
        encoder: In evaluation mode.
        frames: (1, T, C, h, w) float, stride-16 features of a clip.
    """
    state = None
    with torch.inference_mode():
        for frame in frames.unbind(1):
            *_, state = encoder.step(frame, state)

    @torch.inference_mode()
    def step() -> None:
        encoder.step(frames[:, -1], state)

    @torch.inference_mode()
    def clip() -> None:
        encoder((frames, frames, frames))

    return step, clip


def time_in_turns(
    step: Callable[[], None], clip: Callable[[], None], rounds: int, device: str
) -> dict[str, float]:
    """Medians in ms of both, and of the ratio of each pair."""
    times: dict[str, list[float]] = {'step_ms': [], 'clip_ms': []}
    for index in range(rounds + _WARM_UP):
        pair = [('step_ms', step), ('clip_ms', clip)]
        # The order alternates, so neither always follows the other's cache.
        for name, run in pair if index % 2 == 0 else reversed(pair):
            start = time.perf_counter()
            run()
            if device.startswith('cuda'):
                torch.cuda.synchronize()
            if index >= _WARM_UP:
                times[name].append((time.perf_counter() - start) * 1e3)
    ratios = [s / c for s, c in zip(times['step_ms'], times['clip_ms'], strict=True)]
    return {name: statistics.median(values) for name, values in times.items()} | {
        'ratio': statistics.median(ratios),
        'ratio_min': min(ratios),
        'ratio_max': max(ratios),
    }


def main() -> None:
    args = parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    height, width = (args.size * 2)[:2]
    encoder = TemporalEncoder(
        in_channels=args.in_channels,
        num_layers=args.num_layers,
        hidden_channels=args.hidden_channels,
        embed_dims=args.embed_dims,
        num_heads=args.num_heads,
        window=args.window,
    )
    encoder = encoder.eval().to(args.device)
    cells = -(-height // _STRIDE), -(-width // _STRIDE)
    frames = torch.randn(1, args.window, args.in_channels, *cells).to(args.device)
    on_gpu = args.device.startswith('cuda')
    report = {
        'size': [height, width],
        'window': args.window,
        'parameters_m': sum(p.numel() for p in encoder.parameters()) / 1e6,
        'threads': torch.get_num_threads(),
        'device': torch.cuda.get_device_name() if on_gpu else platform.machine(),
        'torch': torch.__version__,
        **time_in_turns(*make_steps(encoder, frames), args.rounds, args.device),
    }
    print(
        f'{height} x {width}, {args.window} frames, {report["parameters_m"]:.1f} M '
        f'parameters, {report["threads"]} threads'
    )
    print(
        f'step {report["step_ms"]:.1f} ms   clip {report["clip_ms"]:.1f} ms   '
        f'ratio {report["ratio"]:.3f} '
        f'({report["ratio_min"]:.2f} to {report["ratio_max"]:.2f}, '
        f'{args.rounds} pairs)'
    )
    if args.out:
        Path(args.out).write_text(json.dumps(report, indent=2), encoding='utf-8')


if __name__ == '__main__':
    main()
