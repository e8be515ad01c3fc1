"""Time a model against another, side by side.

``python tools/analysis_tools/benchmark.py configs/tier_t0.py
--against mmdet::fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py``

The two take turns on the same batch, so that a machine whose speed drifts treats
both alike; what is reported is the median of each and the median of the ratios of
neighbouring runs. Weights are random: time does not depend on them, but the number
of detections that reach the suppression does, so ``forward`` is given as well.
"""

import argparse
import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper
from mmengine.registry import DefaultScope
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import TaskSample

MODES = ('forward', 'predict', 'train')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config')
    parser.add_argument('--against', required=True, help='config of the peer')
    parser.add_argument('--size', type=int, nargs='+', default=[224], help='H W or one')
    parser.add_argument('--batch', type=int, default=1, help='images at inference')
    parser.add_argument('--train-batch', type=int, default=4, help='images a step')
    parser.add_argument('--rounds', type=int, default=15, help='counted pairs')
    parser.add_argument('--modes', nargs='+', choices=MODES, default=list(MODES))
    parser.add_argument('--threads', type=int, help='CPU threads')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args()


def build(path: str) -> torch.nn.Module:
    """Model of a config, with random weights, under the config's own scope."""
    # As a base, a config may also name a package: mmdet::fcos/....py
    base = path if '::' in path else str(Path(path).resolve())
    config = Config.fromstring(f'_base_ = {base!r}', '.py')
    scope = config.get('default_scope') or 'mmdet'
    with DefaultScope.overwrite_default_scope(scope):
        model = MODELS.build(config.model)
        for module in model.modules():
            # What is frozen with pretrained weights stays so, random as it is.
            init_cfg = getattr(module, 'init_cfg', None)
            if isinstance(init_cfg, dict) and init_cfg.get('type') == 'Pretrained':
                module.init_cfg = None
        model.init_weights()
    return model


def make_samples(batch: int, height: int, width: int, device: str) -> list[TaskSample]:
    """Eight objects an image, labelled for every safety head."""
    generator = torch.Generator().manual_seed(0)
    samples = []
    for _ in range(batch):
        corner = torch.rand(8, 2, generator=generator) * 0.6
        extent = torch.rand(8, 2, generator=generator) * 0.3 + 0.05
        boxes = torch.cat([corner, corner + extent], dim=1)
        scale = torch.tensor([width, height, width, height])
        sample = TaskSample(
            metainfo=dict(
                img_shape=(height, width),
                ori_shape=(height, width),
                pad_shape=(height, width),
                batch_input_shape=(height, width),
                scale_factor=(1.0, 1.0),
            )
        )
        sample.gt_instances = InstanceData(
            bboxes=boxes * scale,
            labels=torch.randint(0, 20, (8,), generator=generator),
            zones=torch.randint(0, 3, (8,), generator=generator),
            urgencies=torch.randint(0, 4, (8,), generator=generator),
        )
        sample.gt_tasks = BaseDataElement(urgency=torch.tensor([1]))
        samples.append(sample.to(device))
    return samples


def make_step(
    model: torch.nn.Module, mode: str, batch: int, size: tuple[int, int], device: str
) -> Callable[[], None]:
    """One run of a mode, as a function without arguments."""
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(batch, 3, *size, generator=generator).to(device)
    samples = make_samples(batch, *size, device)
    model = model.to(device)
    if mode == 'train':
        model.train()
        optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=1e-6))

        def step() -> None:
            losses, _ = model.parse_losses(model(images, samples, mode='loss'))
            optimizer.update_params(losses)
    else:
        name = 'tensor' if mode == 'forward' else 'predict'

        @torch.inference_mode()
        def step() -> None:
            model.eval()
            model(images, samples, mode=name)

    def synchronised() -> None:
        step()
        if device.startswith('cuda'):
            torch.cuda.synchronize()

    return synchronised


def compare(
    ours: Callable[[], None], peer: Callable[[], None], rounds: int
) -> dict[str, float]:
    """Medians in ms of two steps taking turns, and of the ratio of each pair."""
    for _ in range(3):
        ours()
        peer()
    own_ms, peer_ms = [], []
    for index in range(rounds):
        pair = [(ours, own_ms), (peer, peer_ms)]
        # The order alternates, so neither always follows the other's cache.
        for step, times in pair if index % 2 == 0 else reversed(pair):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
    ratios = [a / b for a, b in zip(own_ms, peer_ms, strict=True)]
    return dict(
        own_ms=statistics.median(own_ms),
        peer_ms=statistics.median(peer_ms),
        ratio=statistics.median(ratios),
        ratio_min=min(ratios),
        ratio_max=max(ratios),
    )


def _commit() -> str | None:
    command = ['git', 'rev-parse', '--short', 'HEAD']
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def main() -> None:
    args = parse_args()
    MMLogger.get_instance('benchmark', log_level='ERROR')
    if args.threads:
        torch.set_num_threads(args.threads)
    size = (args.size * 2)[:2] if len(args.size) == 1 else tuple(args.size)
    with one_line_errors('benchmark'):
        ours, peer = build(args.config), build(args.against)
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
