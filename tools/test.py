"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse
import os

from mmdet.engine.hooks.utils import trigger_visualization_hook
from mmdet.evaluation import DumpDetResults
from mmengine.config import DictAction
from mmengine.runner import Runner

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import ConfigError, load_config
from maxsight_mm.engine.one_line_errors import nothing_half_written, one_line_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Test a model')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file')
    parser.add_argument('--work-dir', help='where metrics and pictures go')
    parser.add_argument('--out', help='write all predictions to this .pkl file')
    parser.add_argument('--show', action='store_true', help='show the predictions')
    parser.add_argument('--show-dir', help='folder in the work dir for the pictures')
    parser.add_argument(
        '--wait-time', type=float, default=2, help='seconds a picture is shown'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings: key.subkey=value',
    )
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none'
    )
    # torch.distributed.launch passes --local-rank to every process.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    args = parser.parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    return args


def main() -> None:
    args = parse_args()
    with one_line_errors('test'):
        if args.out is not None and not args.out.endswith(('.pkl', '.pickle')):
            raise ConfigError(f'--out must end in .pkl or .pickle, got {args.out}')
        cfg = load_config(args.config, args.cfg_options)
        cfg.launcher = args.launcher
        if args.work_dir is not None:
            cfg.work_dir = args.work_dir
        cfg.load_from = args.checkpoint
        # Refused before anything is built or written.
        checkpoint.install()
        checkpoint.CheckpointLoader.load_checkpoint(args.checkpoint, 'cpu')
        if args.show or args.show_dir:
            if 'visualization' not in cfg.default_hooks:
                raise ConfigError('--show: the config has no visualization hook')
            cfg = trigger_visualization_hook(cfg, args)
        with nothing_half_written(cfg.work_dir):
            runner = Runner.from_cfg(cfg)
            if args.out is not None:
                dump = DumpDetResults(out_file_path=args.out)
                runner.test_evaluator.metrics.append(dump)
            runner.test()


if __name__ == '__main__':
    main()
