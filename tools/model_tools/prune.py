"""Prune: ``python tools/model_tools/prune.py CONFIG CHECKPOINT --ratio R --out FILE``.

Takes channels out of the blocks of the safety pass and writes a checkpoint and, beside
it, its config. Train it further with ``python tools/train.py FILE.py``; test and export
it with the two files like any other model.
"""

import argparse
from pathlib import Path

import torch
from mmengine.logging import MMLogger

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import ConfigError, load_config
from maxsight_mm.engine.one_line_errors import one_line_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Prune the ResNet of a safety pass')
    parser.add_argument('config', help='config the checkpoint was trained with')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', required=True, type=Path, help='.pth file to write')
    parser.add_argument(
        '--ratio', type=float, default=0.0, help='share of the channels that go'
    )
    parser.add_argument(
        '--layer-ratio',
        nargs='+',
        default=[],
        metavar='NAME=R',
        help='another share for a stage, block or convolution: layer4=0.6',
    )
    parser.add_argument('--criterion', choices=['l2', 'norm_scale'], default='l2')
    return parser.parse_args(argv)


def ratios_of(ratio: float, by_layer: list[str]) -> dict[str, float]:
    """Ratios by the beginning of names.

    Raises:
        ConfigError: If an entry is not NAME=NUMBER.
    """
    ratios = {'layer': ratio}
    for entry in by_layer:
        name, _, value = entry.partition('=')
        try:
            ratios[name] = float(value)
        except ValueError:
            raise ConfigError(
                f'--layer-ratio takes NAME=NUMBER, got {entry!r}'
            ) from None
    return ratios


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    MMLogger.get_instance('prune', log_level='ERROR')
    with one_line_errors('prune'):
        if args.out.suffix != '.pth':
            raise ConfigError(f'--out must end in .pth, got {args.out}')
        for path in (args.out, args.out.with_suffix('.py')):
            if path.exists():
                raise ConfigError(f'{path} exists: give another name')
        checkpoint.install()
        config = load_config(args.config)
        from maxsight_mm.deploy.pruning import prune_detector
        from maxsight_mm.inference import load_detector

        before = load_detector(config, args.checkpoint)
        config, pruned = prune_detector(
            config,
            args.checkpoint,
            ratios_of(args.ratio, args.layer_ratio),
            args.criterion,
        )
        config.load_from = str(args.out)
        config.work_dir = f'work_dirs/{args.out.stem}'
        args.out.parent.mkdir(parents=True, exist_ok=True)
        torch.save(dict(meta={}, state_dict=pruned.state_dict()), args.out)
        config.dump(args.out.with_suffix('.py'))
    counts = [
        sum(p.numel() for p in model.safety_pass.backbone.parameters()) / 1e6
        for model in (before, pruned)
    ]
    print(
        f'ResNet: {counts[0]:.2f} M -> {counts[1]:.2f} M parameters; '
        f'{args.out}, {args.out.with_suffix(".py")}'
    )


if __name__ == '__main__':
    main()
