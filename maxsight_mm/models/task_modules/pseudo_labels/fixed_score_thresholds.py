"""The same score thresholds from the first iteration to the last."""

from torch import Tensor

from maxsight_mm.registry import TASK_UTILS

from .pseudo_labels import PseudoLabels


@TASK_UTILS.register_module()
class FixedScoreThresholds(PseudoLabels):
    """Keeps what reaches a given score.

    Args:
        num_classes: Number of classes.
        thresholds: One for all classes, or one a class, in [0, 1].
        capacity: Scores remembered of each class, for whoever looks at them.
        interval_iters: Iterations between two calls of ``update``.

    Raises:
        ValueError: If a number is out of its range.
    """

    def __init__(
        self,
        num_classes: int,
        thresholds: float | list[float],
        capacity: int = 2048,
        interval_iters: int = 50,
    ) -> None:
        super().__init__(
            num_classes,
            thresholds,
            capacity,
            interval_iters=interval_iters,
            min_score=0.0,
        )
        self.status = ['fixed'] * num_classes

    def update(self, expected_per_view: Tensor) -> None:
        """Nothing changes."""
