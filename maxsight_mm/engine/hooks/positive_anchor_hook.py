"""How many anchors of each shape and level the labelled boxes get."""

from mmdet.structures import DetDataSample
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS

from ..ssod_monitor import RunRecords, assigns_anchors, positive_anchors


@HOOKS.register_module()
class PositiveAnchorHook(Hook):
    """Assigns the batch's labelled boxes as the head does, before it draws a sample.

    Looks at the batch of rank 0. Writes ``ssod_monitor/positive_anchors.jsonl``.
    Scalars: ``positive_anchors/<width / height>`` and ``positive_anchors/per_box``.

    Args:
        interval: Iterations between two looks.

    Raises:
        ValueError: If ``interval`` is below 1.
    """

    def __init__(self, interval: int = 50) -> None:
        if interval < 1:
            raise ValueError(f'interval must be 1 or more, got {interval}')
        self.interval = interval

    def before_train(self, runner: Runner) -> None:
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        student = getattr(model, 'student', model)
        names = ('rpn_head', 'bbox_head')
        heads = [getattr(student, name) for name in names if hasattr(student, name)]
        self.head = heads[0] if heads else None
        if not assigns_anchors(self.head):
            print_log(
                f'PositiveAnchorHook: the head of {type(student).__name__} does not '
                'assign anchors by IoU; there is nothing to count',
                logger='current',
            )
            self.head = None
            return
        preprocessor = model.data_preprocessor
        preprocessor = getattr(preprocessor, 'data_preprocessor', preprocessor)
        self.pad_divisor = getattr(preprocessor, 'pad_size_divisor', 1)
        self.records = RunRecords(runner.work_dir, 'positive_anchors')
        self.records.begin(runner.iter)

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        if (
            self.head is None
            or not self.every_n_train_iters(runner, self.interval)
            or not is_main_process()
        ):
            return
        samples = _labelled(data_batch)
        if not samples:
            return
        boxes = sum(len(sample.gt_instances) for sample in samples)
        totals: dict[str, list[int]] = {}
        for sample in samples:
            found = positive_anchors(self.head, sample, self.pad_divisor)
            for name, counts in found.items():
                before = totals.get(name, [0] * len(counts))
                totals[name] = [a + b for a, b in zip(before, counts, strict=True)]
        sums = {name: sum(counts) for name, counts in totals.items()}
        step = runner.iter + 1
        self.records.append(
            {'step': step, 'images': len(samples), 'boxes': boxes, 'by_aspect': totals}
        )
        scalars: dict[str, float] = {
            f'positive_anchors/{name}': count for name, count in sums.items()
        }
        if boxes:
            scalars['positive_anchors/per_box'] = sum(sums.values()) / boxes
        runner.visualizer.add_scalars(scalars, step=step)


def _labelled(data_batch: dict | None) -> list[DetDataSample]:
    """Labelled samples of a batch with or without branches."""
    samples = (data_batch or {}).get('data_samples') or []
    if isinstance(samples, dict):
        samples = samples.get('sup') or []
    return [sample for sample in samples if sample is not None]
