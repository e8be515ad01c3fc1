"""Says when a head cannot have learned: wrong class count, or no label at all."""

import logging
from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS

# Every detector of ours has them, whether its data have boxes or not.
_ALWAYS_THERE = ('objectness', 'classification', 'box')


@HOOKS.register_module()
class LabelCheckHook(Hook):
    """Compares the heads with the data before training and after its first epoch.

    A head without labels costs nothing and trains without a word, and in a test it
    answers from random weights.

    Raises:
        ValueError: If the classification head has not one output a class.
    """

    def before_train(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        classes = _classes(runner)
        for head in getattr(model, 'safety_heads', ()):
            if (
                head.task == 'classification'
                and classes
                and head.num_outputs != len(classes)
            ):
                raise ValueError(
                    f'the data have {len(classes)} classes and the model '
                    f'{head.num_outputs}: set model.safety_heads.classification.'
                    f'num_classes={len(classes)}'
                )

    def after_train_epoch(self, runner: Runner) -> None:
        if runner.epoch != 0:
            return
        for name, history in runner.message_hub.log_scalars.items():
            if '/loss_' not in name or history.data[0].any():
                continue
            task = name.rsplit('/loss_', 1)[-1]
            if task == 'classification' and len(_classes(runner) or ()) == 1:
                continue  # One class leaves nothing to be wrong about.
            drop = f', or drop its head with {task}=None'
            print_log(
                f'{task}: no label in the whole epoch. Its answers will be those of '
                f'random weights: label it{"" if task in _ALWAYS_THERE else drop}',
                logger='current',
                level=logging.WARNING,
            )


def _classes(runner: Runner) -> Sequence[str] | None:
    return runner.train_dataloader.dataset.metainfo.get('classes')
