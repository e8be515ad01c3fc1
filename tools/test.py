"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``.

What ``tools/deploy.py`` exported is tested in place of a checkpoint, with the same
data and metrics: ``python tools/test.py CONFIG --backend FOLDER``.
"""

import argparse
import inspect
import os

from mmdet.engine.hooks.utils import trigger_visualization_hook
from mmdet.evaluation import DumpDetResults
from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import ConfigError, load_config
from maxsight_mm.engine.one_line_errors import nothing_half_written, one_line_errors
from maxsight_mm.registry import METRICS


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Test a model')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', nargs='?', help='checkpoint file')
    parser.add_argument(
        '--backend', metavar='FOLDER', help='an exported folder to test instead'
    )
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


class TestRunner(Runner):
    """A runner that leaves the config a training wrote as it is."""

    def dump_config(self) -> None:
        if not any(name.endswith('.py') for name in os.listdir(self.work_dir)):
            super().dump_config()


def write_tables(cfg: Config, weights: str | None) -> None:
    """Let our metrics write their full tables into the work dir, for the report."""
    evaluators = cfg.test_evaluator
    for metric in evaluators if isinstance(evaluators, list) else [evaluators]:
        kind = METRICS.get(metric.type)
        takes = inspect.signature(kind.__init__).parameters
        folder = os.path.join(cfg.work_dir, 'evaluation')
        if 'outfile_prefix' in takes:
            metric.setdefault('outfile_prefix', os.path.join(folder, 'test'))
        if {'out_file', 'checkpoint'} <= set(takes):
            metric.setdefault('out_file', os.path.join(folder, 'predictions.json'))
            metric.setdefault('checkpoint', weights)


def main() -> None:
    args = parse_args()
    with one_line_errors('test'):
        if args.out is not None and not args.out.endswith(('.pkl', '.pickle')):
            raise ConfigError(f'--out must end in .pkl or .pickle, got {args.out}')
        if (args.checkpoint is None) == (args.backend is None):
            raise ConfigError('give either a checkpoint or --backend FOLDER')
        options = args.cfg_options or ()
        if args.backend and any(key.split('.')[0] == 'model' for key in options):
            raise ConfigError('--cfg-options model.*: an exported graph is as it is')
        cfg = load_config(args.config, args.cfg_options)
        cfg.launcher = args.launcher
        if args.work_dir is not None:
            cfg.work_dir = args.work_dir
        # Refused before anything is built or written.
        checkpoint.install()
        if args.backend is not None:
            from maxsight_mm.deploy.deployed_detector import use_deployed

            use_deployed(cfg, args.backend)
        else:
            cfg.load_from = args.checkpoint
            checkpoint.CheckpointLoader.load_checkpoint(args.checkpoint, 'cpu')
        if args.show or args.show_dir:
            if 'visualization' not in cfg.default_hooks:
                raise ConfigError('--show: the config has no visualization hook')
            cfg = trigger_visualization_hook(cfg, args)
        write_tables(cfg, args.checkpoint)
        with nothing_half_written(cfg.work_dir) as mark:
            runner = TestRunner.from_cfg(cfg)
            runner.register_hook(mark)
            if args.out is not None:
                dump = DumpDetResults(out_file_path=args.out)
                runner.test_evaluator.metrics.append(dump)
            runner.test()


if __name__ == '__main__':
    main()
