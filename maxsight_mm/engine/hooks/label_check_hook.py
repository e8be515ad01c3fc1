"""Says when a head cannot have learned: wrong class count, or no label at all."""

import logging
from collections.abc import Iterator, Sequence
from operator import attrgetter

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner

from maxsight_mm.models.heads import BaseHead
from maxsight_mm.registry import HOOKS

# Every detector of ours has them, whether its data have boxes or not.
_ALWAYS_THERE = ('objectness', 'classification', 'box')
_HEAD_SETS = ('safety_heads', 'context_stage.heads')
_META_KEY = 'untaught_heads'


@HOOKS.register_module()
class LabelCheckHook(Hook):
    """Compares the heads with the data before training and after its first epoch.

    A head without labels costs nothing and trains without a word, and in a test it
    answers from random weights. Checkpoints name such heads, and reading one says so.

    Raises:
        ValueError: If the classification head has not one output a class.
    """

    def __init__(self) -> None:
        self.untaught: list[str] = []

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        checkpoint['meta'][_META_KEY] = list(self.untaught)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        # Until training starts, a runner holds its loop as a config.
        if isinstance(runner._train_loop, BaseLoop) and not runner._resume:
            return
        self.untaught = list(checkpoint.get('meta', {}).get(_META_KEY, ()))
        if self.untaught:
            print_log(
                f'trained without a label, so answered at random: '
                f'{", ".join(self.untaught)}; set each to None',
                logger='current',
                level=logging.WARNING,
            )

    def before_train(self, runner: Runner) -> None:
        classes = _classes(runner)
        for _, head in _heads(runner):
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
        silent = {
            name.rsplit('/', 1)[-1]
            for name, history in runner.message_hub.log_scalars.items()
            if '/loss_' in name and not history.data[0].any()
        }
        self.untaught = []
        for place, head in _heads(runner):
            names = [name for name in head.loss_names if name in silent]
            if not names:
                continue
            if head.task == 'classification' and len(_classes(runner) or ()) == 1:
                continue  # One class leaves nothing to be wrong about.
            advice = f'label {", ".join(head.targets)} (fields: docs/tiers.md)'
            if head.task not in _ALWAYS_THERE and len(names) == len(head.loss_names):
                advice += f', or drop the head with {place}=None'
                self.untaught.append(place)
            print_log(
                f'{head.task}: no label in the whole epoch, {", ".join(names)} was 0. '
                f'What it taught would be answered by random weights: {advice}',
                logger='current',
                level=logging.WARNING,
            )


def _heads(runner: Runner) -> Iterator[tuple[str, BaseHead]]:
    """The heads of the model, each with its place in the config."""
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    for place in _HEAD_SETS:
        try:
            heads: dict[str, BaseHead] = attrgetter(place)(model).heads
        except AttributeError:  # another detector, or no context stage
            continue
        for name, head in heads.items():
            yield f'model.{place}.{name}', head


def _classes(runner: Runner) -> Sequence[str] | None:
    return runner.train_dataloader.dataset.metainfo.get('classes')
