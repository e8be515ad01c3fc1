"""A teacher that first copies its student, then averages it.

MMDetection's hook averages from the first iteration on, which is right for a student
that starts from trained weights. From random weights the average is of noise: here the
student first learns from labels alone (the burn-in of arXiv 2102.09480), and the moving
average starts with a short memory that grows with the updates to its full length, as
TensorFlow's ``ExponentialMovingAverage`` does with ``num_updates``. A plain mean of all
weights since the burn-in (arXiv 1703.01780) would lag behind a student that still
learns fast.
"""

from mmdet.engine.hooks import MeanTeacherHook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS


@HOOKS.register_module()
class BurnInMeanTeacherHook(MeanTeacherHook):
    """Updates ``model.teacher`` and sets ``model.burning_in``.

    Args:
        burn_in_iters: Iterations in which the teacher is a copy and the model learns
            from labels alone.
        momentum: The student's share in each update; 0.001 is a decay of 0.999. In the
            k-th update after the burn-in it is at least 9 / (k + 10).
        interval: Iterations between two updates.
        skip_buffer: Leave the teacher's buffers alone; right for frozen batch norms
            only, since a teacher would keep the statistics that it started with.

    Raises:
        ValueError: If ``burn_in_iters`` is negative.
    """

    def __init__(
        self,
        burn_in_iters: int = 0,
        momentum: float = 0.001,
        interval: int = 1,
        skip_buffer: bool = False,
    ) -> None:
        super().__init__(momentum, interval, skip_buffer)
        if burn_in_iters < 0:
            raise ValueError(f'burn_in_iters must be 0 or more, got {burn_in_iters}')
        self.burn_in_iters = burn_in_iters

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None
    ) -> None:
        _unwrapped(runner).burning_in = runner.iter < self.burn_in_iters

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        done = runner.iter + 1
        if done % self.interval and done != self.burn_in_iters:
            return
        updates = (done - self.burn_in_iters) // self.interval
        share = 1.0 if updates <= 0 else max(self.momentum, 9 / (updates + 10))
        self.momentum_update(_unwrapped(runner), share)


def _unwrapped(runner: Runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
