"""What the teacher's scores look like and how many become pseudo-labels, by class."""

import logging
import math

import torch
from mmengine.dist import all_gather, all_reduce
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from maxsight_mm.models.task_modules.pseudo_labels.pseudo_labels import (
    PseudoLabels,
)
from maxsight_mm.registry import HOOKS

from ..ssod_monitor import RunRecords, kept_ratio, score_summary, silent_intervals


@HOOKS.register_module()
class PseudoLabelMonitorHook(Hook):
    """Reads ``model.governor``, over all ranks, and sets its counts back to 0.

    Writes ``ssod_monitor/pseudo_labels.jsonl``. Scalars: ``teacher_score/mean`` and
    ``teacher_score/median``, and by class ``teacher_score_mean/<class>``,
    ``teacher_score_median/<class>``, ``kept_ratio/<class>``, ``threshold/<class>``;
    ``kept_ratio/all``. Intervals in which the model is burning in are passed over.

    Args:
        interval: Iterations between two records.
        silent_intervals: Intervals in a row in which nothing of a class was kept, after
            which it is named.

    Raises:
        ValueError: If a number is below 1, or the model has no governor.
    """

    def __init__(self, interval: int = 50, silent_intervals: int = 10) -> None:
        for name, value in (
            ('interval', interval),
            ('silent_intervals', silent_intervals),
        ):
            if value < 1:
                raise ValueError(f'{name} must be 1 or more, got {value}')
        self.interval = interval
        self.silent_intervals = silent_intervals
        self.burned_in = True

    def before_train(self, runner: Runner) -> None:
        governor = getattr(_unwrapped(runner), 'governor', None)
        if governor is None:
            raise ValueError(
                'PseudoLabelMonitorHook: the model has no governor; drop the hook, or '
                'use a MultiViewSoftTeacher'
            )
        names = getattr(runner.train_dataloader.dataset, 'metainfo', {}).get('classes')
        self.classes = tuple(
            names or (f'class {index}' for index in range(governor.num_classes))
        )
        self.records = RunRecords(runner.work_dir, 'pseudo_labels')
        self.records.begin(runner.iter)
        # What came before the start belongs to no interval.
        governor.reset_counts()
        self.kept = [
            [record['classes'][name]['kept'] for name in self.classes]
            for record in self.records.read()
        ]

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        model = _unwrapped(runner)
        self.burned_in &= not getattr(model, 'burning_in', False)
        if not self.every_n_train_iters(runner, self.interval):
            return
        if self.burned_in:
            self._record(runner, model.governor)
        model.governor.reset_counts()
        self.burned_in = True

    def _record(self, runner: Runner, governor: PseudoLabels) -> None:
        seen, kept = governor.seen.clone(), governor.kept.clone()
        for counts in (seen, kept):
            all_reduce(counts)
        scores = score_summary(torch.cat(all_gather(governor.score_memory), dim=1))
        ratios, total = kept_ratio(kept, seen), float(kept.sum() / seen.sum())
        thresholds = governor.thresholds.tolist()
        rows = {
            name: {
                'mean': scores.mean[index],
                'median': scores.median[index],
                'histogram': scores.histogram[index],
                'seen': int(seen[index]),
                'kept': int(kept[index]),
                'kept_ratio': ratios[index],
                'threshold': thresholds[index],
            }
            for index, name in enumerate(self.classes)
        }
        step = runner.iter + 1
        self.records.append(
            {
                'step': step,
                'mean': scores.overall_mean,
                'median': scores.overall_median,
                'kept_ratio': total,
                'classes': rows,
            }
        )
        scalars = {
            'teacher_score/mean': scores.overall_mean,
            'teacher_score/median': scores.overall_median,
            'kept_ratio/all': total,
        }
        for name, row in rows.items():
            scalars[f'teacher_score_mean/{name}'] = row['mean']
            scalars[f'teacher_score_median/{name}'] = row['median']
            scalars[f'kept_ratio/{name}'] = row['kept_ratio']
            scalars[f'threshold/{name}'] = row['threshold']
        finite = {key: value for key, value in scalars.items() if math.isfinite(value)}
        runner.visualizer.add_scalars(finite, step=step)
        self.kept.append(kept.tolist())
        self._warn(step, int(seen.sum()), thresholds)

    def _warn(self, step: int, seen: int, thresholds: list[float]) -> None:
        """Each silence is told once, when it is long enough."""
        lines = []
        if silent_intervals([sum(each) for each in self.kept]) == 1:
            lines.append(f'not one of {seen} candidates became a pseudo-label')
        for index, name in enumerate(self.classes):
            silent = silent_intervals([each[index] for each in self.kept])
            if silent == self.silent_intervals:
                lines.append(
                    f'{name}: no pseudo-label for {silent * self.interval} iterations, '
                    f'threshold {thresholds[index]:.3f}'
                )
        for line in lines:
            print_log(
                f'iteration {step}: {line}', logger='current', level=logging.WARNING
            )


def _unwrapped(runner: Runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
