"""Quantise: ``python tools/quantize.py CONFIG CHECKPOINT --out DIR``.

Writes the INT8 graph, ``deploy.json`` and ``quantization.json`` with what each stage
costs; ranges and errors come from pictures of the config's training set. Ends with
status 1 where more decisions change than ``--max-changed``; the graph is written then,
too.
"""

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import ConfigError, load_config
from maxsight_mm.engine.one_line_errors import one_line_errors

# The graph is written, but no choice of stages is good enough.
NOT_GOOD_ENOUGH = 1


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Quantise a safety pass to INT8')
    parser.add_argument('config', help='config the checkpoint was trained with')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--out', required=True, type=Path, help='where the files go')
    parser.add_argument(
        '--backend', choices=['onnxruntime', 'openvino'], default='onnxruntime'
    )
    parser.add_argument('--size', type=int, nargs=2, help='H W of the input')
    parser.add_argument('--images', type=int, default=64, help='to calibrate with')
    parser.add_argument('--judged-images', type=int, default=64, help='to measure on')
    parser.add_argument('--seed', type=int, default=0, help='of the draw of pictures')
    parser.add_argument(
        '--max-changed',
        type=float,
        default=0.02,
        help='mean share of changed detections, levels and urgencies to reach',
    )
    parser.add_argument(
        '--max-float-stages', type=int, default=4, help='most stages kept in float'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings: key.subkey=value',
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('quantize'):
        checkpoint.install()
        config = load_config(args.config, args.cfg_options)
        from maxsight_mm.deploy.export_target import new_export
        from maxsight_mm.deploy.quantization.quantize_safety_pass import (
            quantize_safety_pass,
        )
        from maxsight_mm.deploy.quantization.sensitivity import sensitivity_table

        with new_export(args.out) as place:
            try:
                artefact, choice = quantize_safety_pass(
                    config,
                    args.checkpoint,
                    place,
                    args.backend,
                    size=args.size and tuple(args.size),
                    images=args.images,
                    judged_images=args.judged_images,
                    seed=args.seed,
                    max_changed=args.max_changed,
                    max_float_stages=args.max_float_stages,
                )
            except ImportError as error:
                raise ConfigError(f'no INT8 here: {error}') from error
    print(sensitivity_table(choice))
    size = sum((args.out / name).stat().st_size for name in artefact.files)
    kept = ', '.join(choice.float_stages) or 'nothing'
    print(f'in float: {kept}; {size / 1e6:.1f} MB -> {args.out}')
    changed = dict(choice.steps)[choice.float_stages].changed
    if changed > args.max_changed:
        print(f'{changed:.2%} changed, more than --max-changed {args.max_changed:.2%}')
        sys.exit(NOT_GOOD_ENOUGH)


if __name__ == '__main__':
    main()
