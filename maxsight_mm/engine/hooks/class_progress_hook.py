"""How the average precision of each class develops, against baselines and labels."""

import logging
import math

from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS

from ..ssod_monitor import (
    RunRecords,
    class_average_precision,
    efficiency,
    labelled_shares,
    overall_average_precision,
)


@HOOKS.register_module()
class ClassProgressHook(Hook):
    """Records every validation by class, in ``ssod_monitor/class_progress.jsonl``.

    Efficiency is AP / the class's share of the labelled boxes. Scalars: ``ap/<class>``,
    ``ap50/<class>``, ``ap_difference/<class>``, ``efficiency/<class>``.

    Args:
        baselines: AP by class to compare with.
        shares: Share of the labelled boxes by class; else counted in the training set.

    Raises:
        ValueError: If a name is none of the validation's classes.
    """

    def __init__(
        self,
        baselines: dict[str, float] | None = None,
        shares: dict[str, float] | None = None,
    ) -> None:
        self.baselines = baselines or {}
        self.shares = shares
        self.classes: tuple[str, ...] = ()
        self.records: RunRecords | None = None

    def before_train(self, runner: Runner) -> None:
        if runner.val_loop is None:
            return
        self.classes = tuple(runner.val_dataloader.dataset.metainfo['classes'])
        for name in [*self.baselines, *(self.shares or {})]:
            if name not in self.classes:
                raise ValueError(
                    f'ClassProgressHook: {name!r} is none of the classes '
                    f'{", ".join(self.classes)}'
                )
        if self.shares is None:
            dataset = runner.train_dataloader.dataset
            counted = labelled_shares(dataset, len(self.classes))
            self.shares = dict(zip(self.classes, counted or (), strict=False))
        self.records = RunRecords(runner.work_dir, 'class_progress')
        self.records.begin(runner.iter)

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        if self.records is None:
            return
        found = class_average_precision(metrics or {}, self.classes)
        if all(math.isnan(each['AP']) for each in found.values()):
            print_log(
                'ClassProgressHook: no AP of single classes was measured; use '
                'DetectionMetric, or CocoMetric(classwise=True)',
                logger='current',
                level=logging.WARNING,
            )
            return
        rows = {name: self._row(name, each) for name, each in found.items()}
        overall = overall_average_precision(metrics or {})
        self.records.append({'step': runner.iter, 'mAP': overall, 'classes': rows})
        scalars = {
            f'{key.lower()}/{name}': row[key]
            for name, row in rows.items()
            for key in ('AP', 'AP50', 'AP_difference', 'efficiency')
            if math.isfinite(row[key])
        }
        runner.visualizer.add_scalars(scalars, step=runner.iter)

    def _row(self, name: str, found: dict[str, float]) -> dict[str, float]:
        baseline = self.baselines.get(name, math.nan)
        share = (self.shares or {}).get(name, math.nan)
        return {
            **found,
            'baseline': baseline,
            'AP_difference': found['AP'] - baseline,
            'share': share,
            'efficiency': efficiency(found['AP'], share),
        }
