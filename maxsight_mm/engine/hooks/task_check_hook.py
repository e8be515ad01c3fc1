"""Compares the tasks of the data with the heads of an image task classifier."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class TaskCheckHook(Hook):
    """Before training and testing: the same tasks, the same classes in the same order.

    Raises:
        ValueError: If a head has no task in the data or another number of classes, a
            task of the training data has no head, or two data sets differ in classes.
    """

    def before_train(self, runner: Runner) -> None:
        tasks = _tasks(runner.train_dataloader)
        _compare(tasks, runner, 'training')
        heads = _model(runner).heads
        if idle := [task for task in tasks if task not in heads]:
            raise ValueError(
                f'task {idle[0]!r} of the training data has no head: add '
                f'model.heads.{idle[0]}, or leave the task out of the data set'
            )

    def before_val(self, runner: Runner) -> None:
        tasks = _tasks(runner.val_dataloader)
        _compare(tasks, runner, 'validation')
        if runner._train_loop is not None and not isinstance(runner._train_loop, dict):
            taught = _tasks(runner.train_dataloader)
            for task in tasks:
                if task in taught and tasks[task] != taught[task]:
                    raise ValueError(
                        f'task {task!r} has the classes {tasks[task]} in validation '
                        f'and {taught[task]} in training'
                    )

    def before_test(self, runner: Runner) -> None:
        _compare(_tasks(runner.test_dataloader), runner, 'test')


def _compare(tasks: dict[str, tuple[str, ...]], runner: Runner, which: str) -> None:
    for task, head in _model(runner).heads.items():
        if task not in tasks:
            raise ValueError(
                f'head {task!r}: the {which} data have no such task, only '
                f'{", ".join(tasks) or "none"}; drop the head with '
                f'model.heads.{task}=None'
            )
        if head.num_classes != len(tasks[task]):
            raise ValueError(
                f'head {task!r} has {head.num_classes} classes, the {which} data '
                f'{len(tasks[task])}: set model.heads.{task}.num_classes'
            )


def _tasks(loader) -> dict[str, tuple[str, ...]]:
    return dict(loader.dataset.metainfo.get('tasks', {}))


def _model(runner: Runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
