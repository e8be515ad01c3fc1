"""Refuses a checkpoint that was made for another model or other classes."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import BaseLoop, Runner

from maxsight_mm.engine.checkpoint import CheckpointError, check_fits
from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class CheckpointGuardHook(Hook):
    """Checks weights and class names before they are loaded.

    mmengine loads what matches by name and leaves the rest at random. That is
    right for fine-tuning from ``load_from``; in a test or a resumed training it
    would give wrong answers without a word.

    Raises:
        CheckpointError: If the checkpoint does not fit a test or a resume.
    """

    priority = 'VERY_HIGH'

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        # Until training starts, a runner holds its loop as a config.
        training = isinstance(runner._train_loop, BaseLoop)
        if training and not runner._resume:
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        check_fits(checkpoint['state_dict'], model, runner._load_from or 'to resume')
        _check_classes(runner, checkpoint)


def _check_classes(runner: Runner, checkpoint: dict) -> None:
    trained = checkpoint.get('meta', {}).get('dataset_meta', {}).get('classes')
    training = isinstance(runner._train_loop, BaseLoop)
    loader = runner.train_dataloader if training else runner.test_dataloader
    dataset = getattr(loader, 'dataset', None)
    wanted = dataset.metainfo.get('classes') if dataset is not None else None
    if trained and wanted and tuple(trained) != tuple(wanted):
        differing = [
            f'{i}: {a!r} for {b!r}'
            for i, (a, b) in enumerate(zip(trained, wanted, strict=False))
            if a != b
        ]
        first = differing[0] if differing else f'{len(trained)} for {len(wanted)}'
        raise CheckpointError(
            f'the checkpoint was trained on other classes ({first}); '
            'use its own class list and order'
        )
