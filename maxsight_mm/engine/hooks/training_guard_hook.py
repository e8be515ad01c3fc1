"""Warns of a training that goes wrong, or ends it behind a checkpoint."""

import logging
import math
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import all_reduce, broadcast_object_list
from mmengine.hooks import CheckpointHook, Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS

from ..ssod_monitor import (
    STOPPING_RULES,
    GuardLimits,
    RunRecords,
    class_average_precision,
    judge,
    kept_and_true,
    mean_and_variation,
    overall_average_precision,
)


@HOOKS.register_module()
class TrainingGuardHook(Hook):
    """Judges losses and validations by the rules of ``ssod_monitor/guard_rules.py``.

    A broken rule is told once, and again only if it was kept in between. Writes
    ``loss.jsonl``, ``validation.jsonl`` and ``guard_events.jsonl`` into
    ``ssod_monitor/``; a resumed run goes on from them. Scalar: ``guard/cv``, the
    coefficient of variation of the loss over the last ``window_iters`` iterations.

    Args:
        action: ``stop`` also ends the training when a rule of ``STOPPING_RULES`` is
            broken; advice never does. Iteration-based loops end behind a checkpoint,
            epoch-based ones with their epoch.
        interval: Iterations between two looks at the loss.
        hard_classes: Classes that the training is to improve.
        baselines: AP by class to compare with; else the first validation's.
        limits: See ``GuardLimits``.

    Raises:
        ValueError: If an argument is out of its range, or a class is unknown.
    """

    # Behind the schedulers, whose state goes into the checkpoint.
    priority = 'VERY_LOW'

    def __init__(
        self,
        action: str = 'warn',
        interval: int = 50,
        hard_classes: tuple[str, ...] = (),
        baselines: dict[str, float] | None = None,
        **limits: Any,
    ) -> None:
        if action not in ('warn', 'stop'):
            raise ValueError(f"action must be 'warn' or 'stop', got {action!r}")
        if interval < 1:
            raise ValueError(f'interval must be 1 or more, got {interval}')
        self.action = action
        self.interval = interval
        self.hard_classes = tuple(hard_classes)
        self.baselines = baselines or {}
        self.limits = GuardLimits(**limits)
        self.recent: list[torch.Tensor] = []
        self.burning_in = False
        self.classes: tuple[str, ...] | None = None

    def before_train(self, runner: Runner) -> None:
        loader = runner.val_dataloader if runner.val_loop is not None else None
        self.classes = tuple(loader.dataset.metainfo['classes']) if loader else ()
        for name in [*self.hard_classes, *self.baselines]:
            if loader and name not in self.classes:
                raise ValueError(
                    f'TrainingGuardHook: {name!r} is none of the classes '
                    f'{", ".join(self.classes)}'
                )
        kinds = ('loss', 'validation', 'guard_events')
        self.files = {kind: RunRecords(runner.work_dir, kind) for kind in kinds}
        for file in self.files.values():
            file.begin(runner.iter)
        # Every rank decides alike, so that all of them stop.
        state = [self.files['loss'].read(), self.files['validation'].read()]
        broadcast_object_list(state)
        self.losses, self.validations = state
        self.broken = set(self._judge())

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict | None = None,
    ) -> None:
        self.burning_in |= getattr(_unwrapped(runner), 'burning_in', False)
        if outputs and 'loss' in outputs:
            self.recent.append(torch.as_tensor(outputs['loss']).detach().float())
        if not self.recent or not self.every_n_train_iters(runner, self.interval):
            return
        losses = torch.stack(self.recent)
        all_reduce(losses, 'mean')
        losses = losses[losses.isfinite()].double()
        step = runner.iter + 1
        block = {
            'step': step,
            'count': len(losses),
            'mean': float(losses.mean()) if len(losses) else None,
            'std': float(losses.std(correction=0)) if len(losses) else None,
            'burn_in': self.burning_in,
        }
        self.recent, self.burning_in = [], False
        blocks = self.limits.window_iters // self.interval or 1
        latest = [*self.losses, block][-blocks:]
        same = [each for each in latest if each['burn_in'] == block['burn_in']]
        block['cv'] = mean_and_variation(same)[1]
        self._add('loss', block)
        if math.isfinite(block['cv']):
            runner.visualizer.add_scalars({'guard/cv': block['cv']}, step=step)
        self._tell(runner, step)

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        if self.classes is None:
            return
        found = class_average_precision(metrics or {}, self.classes)
        kept, true = _precision_counts(_unwrapped(runner))
        validation = {
            'step': runner.iter,
            'mAP': overall_average_precision(metrics or {}),
            'AP': {name: each['AP'] for name, each in found.items()},
            'kept': kept,
            'true': true,
            'burn_in': getattr(_unwrapped(runner), 'burning_in', False),
        }
        self._add('validation', validation)
        self._tell(runner, runner.iter)

    def _add(self, kind: str, record: dict[str, Any]) -> None:
        (self.losses if kind == 'loss' else self.validations).append(record)
        self.files[kind].append(record)

    def _judge(self) -> dict[str, str]:
        return judge(
            self.losses,
            self.validations,
            self.limits,
            self.hard_classes,
            self.baselines,
        )

    def _tell(self, runner: Runner, step: int) -> None:
        found = self._judge()
        new = {rule: text for rule, text in found.items() if rule not in self.broken}
        self.broken = set(found)
        for rule, text in new.items():
            print_log(
                f'training guard, iteration {step}: {text}',
                logger='current',
                level=logging.WARNING,
            )
            event = {'step': step, 'rule': rule, 'text': text}
            self.files['guard_events'].append(event)
        if self.action == 'stop' and any(rule in STOPPING_RULES for rule in new):
            print_log('training guard: the training ends here', logger='current')
            _save(runner, step)
            runner.train_loop.stop_training = True


def _save(runner: Runner, step: int) -> None:
    """Saves a checkpoint as ``CheckpointHook`` would, unless it just did."""
    for hook in runner.hooks:
        if isinstance(hook, CheckpointHook) and not hook.by_epoch:
            name = hook.filename_tmpl.format(step)
            if hook.last_ckpt is None or Path(hook.last_ckpt).name != name:
                meta = dict(epoch=runner.epoch, iter=step)
                hook._save_checkpoint_with_step(runner, step, meta)


def _precision_counts(model: torch.nn.Module) -> tuple[int, int]:
    """Kept and true boxes on labelled views over all ranks; 0 without a governor."""
    governor = getattr(model, 'governor', None)
    if governor is None:
        return 0, 0
    settings = getattr(model, 'semi_train_cfg', None) or {}
    least = settings.get('pseudo_label_initial_score_thr', 0.0)
    scores, _ = governor.labelled.recent()
    thresholds = governor.thresholds.clamp(min=least)
    counts = kept_and_true(scores, governor.labelled.is_true, thresholds)
    both = torch.tensor(counts, device=scores.device)
    all_reduce(both)
    kept, true = both.tolist()
    return kept, true


def _unwrapped(runner: Runner) -> torch.nn.Module:
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
