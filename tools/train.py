"""Train a model: ``python tools/train.py CONFIG``."""

import argparse
import os

from mmengine.config import DictAction
from mmengine.runner import Runner

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import (
    ConfigError,
    check_schedule,
    load_config,
)
from maxsight_mm.engine.one_line_errors import nothing_half_written, one_line_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train a model')
    parser.add_argument('config', help='config file')
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the LR to the batch size'
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='resume from this checkpoint, or from the newest in the work dir',
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
    with one_line_errors('train'):
        cfg = load_config(args.config, args.cfg_options)
        cfg.launcher = args.launcher
        if args.work_dir is not None:
            cfg.work_dir = args.work_dir
        if args.amp:
            cfg.optim_wrapper.type = 'AmpOptimWrapper'
            cfg.optim_wrapper.loss_scale = 'dynamic'
        if args.auto_scale_lr:
            if 'base_batch_size' not in cfg.get('auto_scale_lr', {}):
                raise ConfigError('--auto-scale-lr: no auto_scale_lr.base_batch_size')
            cfg.auto_scale_lr.enable = True
        if args.resume is not None:
            cfg.resume = True
            cfg.load_from = None if args.resume == 'auto' else args.resume
        check_schedule(cfg)
        checkpoint.install()
        if cfg.get('load_from'):
            # Refused before anything is built or written.
            checkpoint.CheckpointLoader.load_checkpoint(cfg.load_from, 'cpu')
        with nothing_half_written(cfg.work_dir) as mark:
            runner = Runner.from_cfg(cfg)
            runner.register_hook(mark)
            runner.train()


if __name__ == '__main__':
    main()
