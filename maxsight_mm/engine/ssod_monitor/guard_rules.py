"""When a training goes wrong: rules over its recorded losses and validations.

The limits are those of the recipe. Every rule is a function of the whole history, so
that a resumed run needs no other state. A rise of the loss's variation must last for
two windows: where the loss's distribution never changed, one window of 1000 was above
the limit in 5 to 53 % of simulated trainings of 36,000 iterations, two in a row in 0 to
11 % (``tests/engine/ssod_monitor/simulate_instability.py``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .loss_windows import Block, LossWindow, loss_windows

Validation = Mapping[str, Any]

STOPPING_RULES = ('map_drop', 'unstable_loss', 'no_progress', 'not_finite')
# Below this many boxes a precision says little.
_MIN_BOXES = 20


@dataclass(frozen=True)
class GuardLimits:
    """Limits of the rules.

    Attributes:
        map_drop: Share of the best mAP so far that may be lost.
        cv_rise: Share by which the loss's coefficient of variation may exceed that of
            the first window.
        window_iters: Length of these windows.
        patience_iters: Iterations that a window's mean loss may stay without progress.
        min_progress: Share by which it must fall to be progress.
        improvement: Share of its reference by which an AP must change to count.
        check_data_iters: Iterations in which hard classes must improve.
        min_precision: Of the boxes kept on labelled views.
        begin_iters: Nothing before is judged, nor compared with.

    Raises:
        ValueError: If a limit is not positive, or ``begin_iters`` is negative.
    """

    map_drop: float = 0.05
    cv_rise: float = 0.1
    window_iters: int = 1000
    patience_iters: int = 5000
    min_progress: float = 0.01
    improvement: float = 0.05
    check_data_iters: int = 10000
    min_precision: float = 0.5
    begin_iters: int = 0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (value > 0 or name == 'begin_iters' and value == 0):
                raise ValueError(f'{name} must be positive, got {value}')


def judge(
    losses: Sequence[Block],
    validations: Sequence[Validation],
    limits: GuardLimits,
    hard_classes: Sequence[str] = (),
    baselines: Mapping[str, float] | None = None,
) -> dict[str, str]:
    """The rules that are broken now, each with what to tell.

    Blocks and validations with ``burn_in`` are left out.

    Args:
        losses: Blocks of the loss.
        validations: Each with ``step``, ``mAP``, ``AP`` by class, and ``kept`` and
            ``true`` boxes on labelled views; None where not measured.
        limits: See there.
        hard_classes: Classes that the training is to improve.
        baselines: AP to compare a class with; else that of the first validation.
    """
    begin = limits.begin_iters
    blocks = [x for x in losses if x['step'] > begin and not x.get('burn_in')]
    judged = [x for x in validations if x['step'] > begin and not x.get('burn_in')]
    began = blocks[0]['step'] if blocks else begin
    windows = loss_windows(blocks, limits.window_iters)
    broken = _loss_rules(windows, limits)
    if blocks and not blocks[-1]['count']:
        broken['not_finite'] = 'not one loss of the last iterations is finite'
    if not judged:
        return broken
    scores = [_number(each['mAP']) for each in judged]
    lost = lost_from_best(scores)
    if lost > limits.map_drop:
        best = max(score for score in scores if not math.isnan(score))
        broken['map_drop'] = (
            f'mAP {scores[-1]:.4f} is {lost:.1%} below the best so far, {best:.4f}'
        )
    if precision_too_low(judged[-1], limits.min_precision):
        kept, true = judged[-1]['kept'], judged[-1]['true']
        broken['noisy_pseudo_labels'] = (
            f'of {kept} boxes that the thresholds keep on labelled views, {true} are '
            'true: raise the thresholds (pseudo_label_initial_score_thr=0.4 and '
            "thresholds=0.37 with fixed ones), or lower the governor's ceiling"
        )
    judged_iters = judged[-1]['step'] - began
    return broken | _hard_class_rules(
        judged, judged_iters, limits, hard_classes, baselines or {}
    )


def lost_from_best(values: Sequence[float]) -> float:
    """Share of the best earlier value that the last one lacks; 0 if it lacks none."""
    earlier = [value for value in values[:-1] if not math.isnan(value)]
    if not earlier or max(earlier) <= 0 or math.isnan(values[-1]):
        return 0.0
    return max(0.0, 1 - values[-1] / max(earlier))


def is_unstable(windows: Sequence[LossWindow], rise: float) -> bool:
    """Whether the two last windows vary more than the first, by more than ``rise``."""
    if len(windows) < 3:
        return False
    limit = (1 + rise) * windows[0].variation
    return all(window.variation > limit for window in windows[-2:])


def iters_without_progress(windows: Sequence[LossWindow], min_progress: float) -> int:
    """Iterations since a window's mean last fell by more than ``min_progress``."""
    best: LossWindow | None = None
    for window in windows:
        if best is None or window.mean < best.mean - min_progress * abs(best.mean):
            best = window
    return windows[-1].step - best.step if best is not None else 0


def precision_too_low(validation: Validation, least: float) -> bool:
    """Whether too few of the boxes kept on labelled views are true."""
    kept, true = validation.get('kept') or 0, validation.get('true') or 0
    return kept >= _MIN_BOXES and true / kept < least


def gain_at_cost(
    now: Mapping[str, float],
    reference: Mapping[str, float],
    hard_classes: Sequence[str],
    share: float,
) -> bool:
    """Whether the hard classes' mean AP rose by ``share`` while the others' fell."""

    def change(names: list[str]) -> float:
        known = [
            name
            for name in names
            if not math.isnan(now.get(name, math.nan))
            and not math.isnan(reference.get(name, math.nan))
        ]
        before = sum(reference[name] for name in known)
        after = sum(now[name] for name in known)
        if not before:
            return math.inf if after else 0.0
        return after / before - 1

    others = [name for name in now if name not in hard_classes]
    return change(list(hard_classes)) > share and change(others) < -share


def _loss_rules(windows: list[LossWindow], limits: GuardLimits) -> dict[str, str]:
    broken = {}
    if is_unstable(windows, limits.cv_rise):
        broken['unstable_loss'] = (
            f'the loss varies by {windows[-1].variation:.1%} of its mean, in the first '
            f'{limits.window_iters} iterations by {windows[0].variation:.1%}'
        )
    idle = iters_without_progress(windows, limits.min_progress)
    if idle >= limits.patience_iters:
        broken['no_progress'] = (
            f'the loss has not fallen by {limits.min_progress:.1%} for {idle} '
            'iterations'
        )
    return broken


def _hard_class_rules(
    judged: list[Validation],
    judged_iters: int,
    limits: GuardLimits,
    hard_classes: Sequence[str],
    baselines: Mapping[str, float],
) -> dict[str, str]:
    history = [
        {name: _number(value) for name, value in each['AP'].items()} for each in judged
    ]
    reference = history[0] | dict(baselines)
    broken = {}
    if gain_at_cost(history[-1], reference, hard_classes, limits.improvement):
        broken['gain_at_cost'] = (
            f'{", ".join(hard_classes)} improve while the other classes lose: lower '
            'the gamma of the RoI loss to 3.0'
        )
    if judged_iters < limits.check_data_iters:
        return broken
    for name in hard_classes:
        before = reference.get(name, math.nan)
        found = [each.get(name, math.nan) for each in history]
        best = max(
            (value for value in found if not math.isnan(value)), default=math.nan
        )
        if best <= (1 + limits.improvement) * before:
            broken[f'not_improved/{name}'] = (
                f'{name}: best AP {best:.4f} after {judged[-1]["step"]} iterations, '
                f'{before:.4f} at first: check its pictures and labels'
            )
    return broken


def _number(value: float | None) -> float:
    return math.nan if value is None else value
