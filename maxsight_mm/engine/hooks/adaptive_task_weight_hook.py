"""Tells a balancer what each validation found."""

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class AdaptiveTaskWeightHook(Hook):
    """After every validation: new task weights, logged as ``task_weight/<task>``.

    mmengine saves an epoch's checkpoint before it validates: a training that goes on
    from one weighs its next epoch by the validation before.

    Raises:
        ValueError: If the optimizer wrapper has no balancer, or the validation data no
            tasks.
    """

    def before_train(self, runner: Runner) -> None:
        if not hasattr(runner.optim_wrapper, 'balancer'):
            raise ValueError(
                "AdaptiveTaskWeightHook: optim_wrapper.type='BalancedOptimWrapper' "
                'with a balancer is needed'
            )
        if runner.val_loop is None:
            raise ValueError('AdaptiveTaskWeightHook: the config has no validation')

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        tasks = runner.val_dataloader.dataset.metainfo.get('tasks')
        if not tasks:
            raise ValueError(
                'AdaptiveTaskWeightHook: the validation data have no tasks'
            )
        balancer = runner.optim_wrapper.balancer
        balancer.observe(metrics or {}, {t: len(names) for t, names in tasks.items()})
        weights = balancer.weights
        runner.visualizer.add_scalars(
            {f'task_weight/{task}': weight for task, weight in weights.items()},
            step=runner.iter,
        )
        said = ', '.join(f'{task} {weight:.3f}' for task, weight in weights.items())
        print_log(f'task weights: {said}', logger='current')
