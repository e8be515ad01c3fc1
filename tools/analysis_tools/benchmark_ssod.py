"""Time a training iteration against MMDetection's SoftTeacher on equal views.

``python tools/analysis_tools/benchmark_ssod.py CONFIG [--checkpoint FILE]``

Both have the detector of the config, the same weights, the same batch of its training
data and one fixed threshold; only what is around the detector differs. The two take
turns, so that a machine whose speed drifts treats both alike; what is reported is the
median of each and the median of the ratios of neighbouring runs. A run is as many
iterations as lie between two looks at labelled pictures, so that each has one. Without
a checkpoint the weights are random, and the pseudo-labels few or many by chance.
"""

import argparse
import copy
import json
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from mmdet.models.detectors import SoftTeacher
from mmengine.config import Config, ConfigDict
from mmengine.optim import OptimWrapper
from mmengine.registry import DefaultScope
from mmengine.runner import Runner, load_checkpoint

from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.engine.step_timing import (
    WARMUP_ROUNDS,
    interleaved_ms,
    median_ratio,
    synchronised,
)
from maxsight_mm.registry import MODELS


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='of a MultiViewSoftTeacher, with its data')
    parser.add_argument('--checkpoint', help='weights for both')
    parser.add_argument('--threshold', type=float, default=0.3, help='of pseudo-labels')
    parser.add_argument('--rounds', type=int, default=15, help='counted pairs')
    parser.add_argument('--threads', type=int, help='CPU threads')
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    return parser.parse_args(argv)


def peer_config(own: ConfigDict, threshold: float) -> ConfigDict:
    """MMDetection's SoftTeacher around the same detector."""
    peer = copy.deepcopy(own)
    for name in ('governor', 'cross_view'):
        peer.pop(name, None)
    peer.type = 'mmdet.SoftTeacher'
    for name in ('labelled_every', 'ignore_ratio'):
        peer.semi_train_cfg.pop(name, None)
    for name in ('pseudo_label_initial', 'rpn_pseudo', 'cls_pseudo'):
        key = f'{name}_score_thr' if name.endswith('initial') else f'{name}_thr'
        peer.semi_train_cfg[key] = threshold
    return peer


def make_steps(model: SoftTeacher, batch: dict, count: int) -> Callable[[], None]:
    """Whole training iterations on one batch, the batch's copies included."""
    optimizer = OptimWrapper(torch.optim.SGD(model.student.parameters(), lr=1e-7))
    model.train()

    def step() -> None:
        for _ in range(count):
            data = model.data_preprocessor(copy.deepcopy(batch), training=True)
            losses, _ = model.parse_losses(model(**data, mode='loss'))
            optimizer.update_params(losses)

    return step


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    with one_line_errors('benchmark_ssod'):
        config = Config.fromfile(args.config)
        if config.model.get('type') != 'MultiViewSoftTeacher':
            raise ValueError(f'{args.config} has no MultiViewSoftTeacher')
        config.model.governor = dict(
            type='FixedScoreThresholds',
            num_classes=config.model.governor.num_classes,
            thresholds=args.threshold,
        )
        with DefaultScope.overwrite_default_scope('maxsight_mm'):
            torch.manual_seed(0)
            own = MODELS.build(config.model)
            peer = MODELS.build(peer_config(config.model, args.threshold))
            if args.checkpoint:
                load_checkpoint(own, args.checkpoint, map_location='cpu')
                own.governor.reset_counts()
            peer.load_state_dict(own.state_dict(), strict=False)
            batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))
            count = config.model.semi_train_cfg.get('labelled_every', 4)
            steps = [
                synchronised(
                    make_steps(each.to(args.device), batch, count), args.device
                )
                for each in (own, peer)
            ]
            times = interleaved_ms(steps, args.rounds)
            own_ms, peer_ms = ([ms / count for ms in own] for own in times)
    report = dict(
        config=args.config,
        # The other branches' places are None.
        views={
            name: sum(picture is not None for picture in pictures)
            for name, pictures in batch['inputs'].items()
        },
        pseudo_labels=int(own.governor.kept.sum())
        // (count * (args.rounds + WARMUP_ROUNDS)),
        threads=torch.get_num_threads(),
        rounds=args.rounds,
        own_ms=median(own_ms),
        peer_ms=median(peer_ms),
        ratio=median_ratio(own_ms, peer_ms),
    )
    print(
        f'{args.config}: views {report["views"]}, '
        f'{report["pseudo_labels"]} pseudo-labels a batch\n'
        f'MultiViewSoftTeacher {report["own_ms"]:.0f} ms, SoftTeacher '
        f'{report["peer_ms"]:.0f} ms, ratio {report["ratio"]:.3f} '
        f'({args.rounds} rounds of {count}, {report["threads"]} threads)'
    )
    if args.out:
        Path(args.out).write_text(json.dumps(report, indent=2))


if __name__ == '__main__':
    main()
