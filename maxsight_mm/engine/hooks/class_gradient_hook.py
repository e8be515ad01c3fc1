"""Shows what class weights do: how hard each class pulls at the logits."""

from collections import defaultdict
from functools import partial

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from maxsight_mm.models.losses import ClassWeightedLoss
from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class ClassGradientHook(Hook):
    """Share of the gradient at the logits that comes from each class's examples.

    Scalars ``class_gradient/<task>/<class>`` in [0, 1], every ``interval`` iterations,
    for the heads of an image classifier and for class losses of a detector (there the
    task is the loss's place in the model). A class of 1 % of the examples that pulls
    with 1 % is one of many; with weights that even the classes out all pull alike. Of
    several ranks rank 0 looks at its own examples.

    Args:
        interval: Iterations between two records.
    """

    def __init__(self, interval: int = 50) -> None:
        self.interval = interval
        self.pull: dict[str, Tensor] = {}
        self.names: dict[str, tuple[str, ...]] = {}

    def before_train(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        metainfo = runner.train_dataloader.dataset.metainfo
        tasks = metainfo.get('tasks', {})
        names: dict[str, tuple[str, ...]] = defaultdict(
            lambda: tuple(metainfo.get('classes', ())), tasks
        )
        for place, module in model.named_modules():
            if isinstance(module, ClassWeightedLoss):
                parts = place.split('.')
                task = parts[1] if parts[0] == 'heads' else place
                self.names[task] = names[task]
                module.register_forward_hook(partial(self._watch, task))

    def _watch(self, task: str, loss: nn.Module, inputs: tuple, output: Tensor) -> None:
        """Of a loss that is called with logits and labels."""
        logits, labels = inputs[:2]
        if not (torch.is_grad_enabled() and logits.requires_grad):
            return
        # Background has no name.
        known = labels.detach() < len(self.names[task])
        labels = labels.detach()[known]

        def add(gradient: Tensor) -> None:
            pull = self.pull.setdefault(
                task, gradient.new_zeros(len(self.names[task]), dtype=torch.float32)
            )
            norms = gradient.detach()[known].float().norm(dim=1)
            pull.index_add_(0, labels, norms)

        logits.register_hook(add)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        if not self.every_n_train_iters(runner, self.interval):
            return
        scalars = {}
        for task, pull in self.pull.items():
            shares = pull / pull.sum().clamp(min=1e-12)
            for name, share in zip(self.names[task], shares.tolist(), strict=True):
                scalars[f'class_gradient/{task}/{name}'] = share
        self.pull.clear()
        if scalars:
            runner.visualizer.add_scalars(scalars, step=runner.iter + 1)
