"""Gives losses the class weights of their policy, from the training data's counts."""

import logging
from collections.abc import Iterator, Sequence

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from maxsight_mm.models.losses import ClassWeightedLoss
from maxsight_mm.registry import HOOKS

from ..class_counts import count_boxes, count_tasks

# What evens the classes out before a loss is asked.
BALANCED_SAMPLERS = ('ClassBalancedSampler',)
BALANCED_DATASETS = ('ClassBalancedDataset',)


@HOOKS.register_module()
class ClassWeightHook(Hook):
    """Before training: count, set the weights, print them once.

    Works for every :class:`ClassWeightedLoss` whose ``class_weight`` is a policy: in
    the heads of an image classifier (pictures by task), or anywhere in a detector
    (boxes). Warns where the data are balanced by sampling as well: rare classes would
    be made up for twice.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        losses = [loss for _, loss in _losses(model) if loss.policy is not None]
        if not losses:
            return
        dataset = runner.train_dataloader.dataset
        tasks = dataset.metainfo.get('tasks')
        counts = count_tasks(dataset) if tasks else {}
        boxes = [] if tasks else count_boxes(dataset)
        for task, loss in _losses(model):
            if loss.policy is None:
                continue
            if tasks:
                if task not in counts:
                    raise ValueError(
                        f'class_weight of task {task!r}: the data have the tasks '
                        f'{", ".join(counts)}'
                    )
                names, own = tasks[task], counts[task]
            else:
                names, own = dataset.metainfo['classes'], boxes
            weights = loss.set_class_counts(own, names)
            _say(f'{task}: {loss.policy["policy"]}', names, own, weights)
        balanced = _balanced_by(runner)
        if balanced and any(loss.by_frequency for loss in losses):
            print_log(
                f'{balanced} and class weights by frequency are both on: rare classes '
                'are made up for twice and will be answered too often. Set '
                'class_weight=None, or sample as the data are',
                logger='current',
                level=logging.WARNING,
            )


def _losses(model: nn.Module) -> Iterator[tuple[str, ClassWeightedLoss]]:
    """Losses with the task they belong to, or their place in a detector."""
    for name, module in model.named_modules():
        if isinstance(module, ClassWeightedLoss):
            parts = name.split('.')
            yield parts[1] if parts[0] == 'heads' else name, module


def _say(
    title: str, names: Sequence[str], counts: Sequence[int], weights: Sequence[float]
) -> None:
    if not is_main_process():
        return
    cells = [
        f'{name} {weight:.3g} ({count})'
        for name, count, weight in zip(names, counts, weights, strict=True)
    ]
    print_log(f'class weights, {title}: {", ".join(cells)}', logger='current')


def _balanced_by(runner: Runner) -> str | None:
    loader = runner.train_dataloader
    dataset = loader.dataset
    while dataset is not None:
        if type(dataset).__name__ in BALANCED_DATASETS:
            return type(dataset).__name__
        dataset = getattr(dataset, 'dataset', None)
    sampler = type(loader.sampler).__name__
    return sampler if sampler in BALANCED_SAMPLERS else None
