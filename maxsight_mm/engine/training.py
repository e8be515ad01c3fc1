"""One training from a config and the flags of a command line."""

import argparse
import os

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from . import checkpoint
from .config_loading import ConfigError, check_schedule
from .one_line_errors import nothing_half_written

# Mixed precision of wrappers that are more than mmengine's.
AMP_WRAPPERS = {'BalancedOptimWrapper': 'BalancedAmpOptimWrapper'}


def train_parser(description: str) -> argparse.ArgumentParser:
    """The flags that :func:`train` reads, which are MMDetection's."""
    parser = argparse.ArgumentParser(description=description)
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
    return parser


def train(args: argparse.Namespace, cfg: Config) -> None:
    """Train what a config says, with the flags of the command line over it.

    Raises:
        ConfigError: If a flag or the schedule does not fit the config.
        CheckpointError: If the weights to start from cannot be used.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg.launcher = args.launcher
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    if args.amp:
        cfg.optim_wrapper.type = AMP_WRAPPERS.get(
            cfg.optim_wrapper.get('type'), 'AmpOptimWrapper'
        )
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
