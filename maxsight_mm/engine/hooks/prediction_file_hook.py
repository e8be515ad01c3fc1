"""Keeps what the last validation of a training predicted."""

import os.path as osp

from mmdet.evaluation import DumpDetResults
from mmengine.hooks import Hook
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class PredictionFileHook(Hook):
    """Each validation writes its predictions into the work dir, over the earlier ones.

    The file is the one that ``tools/test.py --out`` would write.

    Args:
        name: Of the file; it must end with ``.pkl`` or ``.pickle``.
    """

    def __init__(self, name: str = 'predictions.pkl') -> None:
        if not name.endswith(('.pkl', '.pickle')):
            raise ValueError(f'name must end with .pkl or .pickle, got {name!r}')
        self.name = name

    def before_train(self, runner: Runner) -> None:
        """Adds a metric that writes the file; a training may have no validation."""
        if runner.val_loop is not None:
            path = osp.join(runner.work_dir, self.name)
            runner.val_loop.evaluator.metrics.append(DumpDetResults(path))
