import math

import numpy as np
import pytest

from maxsight_mm.engine.ssod_monitor import (
    GuardLimits,
    LossWindow,
    judge,
    loss_windows,
    mean_and_variation,
)
from maxsight_mm.engine.ssod_monitor.guard_rules import (
    gain_at_cost,
    is_unstable,
    iters_without_progress,
    lost_from_best,
)

HARD = ('rust', 'chip')


def block(step, losses, **more):
    values = np.asarray(losses, float)
    return dict(
        step=step, count=len(values), mean=values.mean(), std=values.std(), **more
    )


def blocks(losses, size=10, **more):
    """Blocks of ``size`` iterations from iteration 0 on."""
    starts = range(0, len(losses), size)
    return [block(i + size, losses[i : i + size], **more) for i in starts]


def validation(step, overall, kept=0, true=0, **by_class):
    return dict(step=step, mAP=overall, AP=by_class, kept=kept, true=true)


def test_blocks_give_the_figures_of_all_their_losses():
    losses = np.random.default_rng(0).gamma(3, size=64)
    cut = [losses[:10], losses[10:11], losses[11:]]
    found = mean_and_variation([block(0, part) for part in cut])
    assert found == pytest.approx((losses.mean(), losses.std() / losses.mean()))


def test_a_steady_trend_is_no_variation():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.1, 1000)
    level = mean_and_variation(blocks(5 + noise, size=50))[1]
    falling = mean_and_variation(blocks(np.linspace(7, 3, 1000) + noise, size=50))[1]
    assert level == pytest.approx(noise.std() / 5, rel=0.02)
    # what a block of 50 falls by itself remains: 0.2 in all, 0.058 of deviation
    assert falling == pytest.approx(math.hypot(0.1, 0.058) / 5, rel=0.05)
    # of single losses the whole trend goes
    single = mean_and_variation(blocks([1.0, 2.0, 3.0], size=1))
    assert single == pytest.approx((2.0, 0.0))


def test_blocks_without_a_finite_loss_count_for_nothing():
    empty = dict(step=5, count=0, mean=None, std=None)
    assert mean_and_variation([block(0, [2, 2]), empty]) == (2.0, 0.0)
    assert all(math.isnan(value) for value in mean_and_variation([empty]))
    assert all(math.isnan(value) for value in mean_and_variation([]))


def test_windows_are_whole():
    found = loss_windows(blocks([1.0] * 20 + [3.0] * 20 + [9.0] * 10), 20)
    assert found == [LossWindow(20, 1.0, 0.0), LossWindow(40, 3.0, 0.0)]


def test_loss_from_best_is_relative():
    assert lost_from_best([0.4, 0.2, 0.3]) == pytest.approx(0.25)
    assert lost_from_best([0.4, 0.5]) == 0.0
    assert lost_from_best([0.4]) == 0.0
    assert lost_from_best([0.0, 0.0]) == 0.0
    assert lost_from_best([0.4, math.nan]) == 0.0
    assert lost_from_best([math.nan, 0.4, 0.3]) == pytest.approx(0.25)


def test_one_restless_window_is_no_instability_two_are():
    calm, restless = LossWindow(0, 1.0, 0.1), LossWindow(0, 1.0, 0.12)
    assert not is_unstable([calm, restless], 0.1)
    assert not is_unstable([calm, calm, restless], 0.1)
    assert is_unstable([calm, restless, restless], 0.1)
    assert not is_unstable([calm, restless, restless], 0.25)


def test_progress_is_a_fall_by_more_than_noise():
    means = [(1000, 1.0), (2000, 0.9), (3000, 0.895), (4000, 0.95), (5000, 0.893)]
    windows = [LossWindow(step, mean, 0.1) for step, mean in means]
    assert iters_without_progress(windows, 0.01) == 3000
    assert iters_without_progress(windows[:2], 0.01) == 0
    assert iters_without_progress([], 0.01) == 0


def test_hard_classes_may_gain_at_the_cost_of_others():
    before = dict(rust=0.006, chip=0.032, broken=0.252, wear=0.158)
    better = dict(rust=0.03, chip=0.06, broken=0.252, wear=0.158)
    assert not gain_at_cost(better, before, HARD, 0.05)
    assert gain_at_cost(better | dict(broken=0.2), before, HARD, 0.05)
    assert not gain_at_cost(before | dict(broken=0.2), before, HARD, 0.05)
    # from nothing to something is a gain; a class without objects is left out
    nothing = dict(rust=0.0, chip=0.0, broken=0.252, wear=math.nan)
    assert gain_at_cost(better | dict(broken=0.2), nothing, HARD, 0.05)
    assert not gain_at_cost({}, {}, HARD, 0.05)


def rules(losses=(), validations=(), hard=(), baselines=None, **limits):
    return set(judge(losses, validations, GuardLimits(**limits), hard, baselines))


def test_map_below_the_best_by_more_than_five_percent():
    found = [validation(step, score) for step, score in ((1, 0.2), (2, 0.1901))]
    assert rules(validations=found) == set()
    assert rules(validations=[*found, validation(3, 0.1899)]) == {'map_drop'}
    # what came before the beginning is no reference
    later = [*found, validation(3, 0.1)]
    assert rules(validations=later, begin_iters=2) == set()


def test_unstable_and_idle_losses():
    rng = np.random.default_rng(0)
    calm, wild = rng.normal(5, 0.1, 100), rng.normal(5, 0.5, 200)
    limits = dict(window_iters=100, patience_iters=200, min_progress=0.05)
    found = blocks(np.concatenate([calm, wild]))
    assert rules(found, **limits) == {'unstable_loss', 'no_progress'}
    falling = blocks(np.linspace(9, 1, 300))
    assert 'no_progress' not in rules(falling, **limits)


def test_the_burn_in_is_neither_judged_nor_the_reference():
    burn_in = blocks([1.0] * 100, burn_in=True)
    after = [dict(x, step=x['step'] + 100) for x in blocks([3.0, 3.3] * 150)]
    limits = dict(window_iters=100, patience_iters=200, cv_rise=0.1)
    assert rules([*burn_in, *after], **limits) == {'no_progress'}
    assert rules([*blocks([1.0] * 100), *after], **limits) == {
        'no_progress',
        'unstable_loss',
    }


def test_validations_of_the_burn_in_are_no_reference():
    early = dict(validation(50, 0.5, kept=90, true=1, rust=0.3), burn_in=True)
    late = validation(150, 0.2, kept=90, true=80, rust=0.1)
    assert rules(validations=[early, late]) == set()
    assert rules(validations=[dict(early, burn_in=False), late]) == {'map_drop'}
    assert rules(validations=[early]) == set()


def test_a_loss_that_is_never_finite_is_told():
    dead = dict(step=20, count=0, mean=None, std=None)
    assert rules([*blocks([1.0] * 10), dead]) == {'not_finite'}
    assert rules([dead, block(30, [1.0])]) == set()


def test_noisy_pseudo_labels_need_enough_boxes():
    assert rules(validations=[validation(1, 0.1, kept=19, true=0)]) == set()
    assert rules(validations=[validation(1, 0.1, kept=20, true=10)]) == set()
    found = [validation(1, 0.1, kept=20, true=9)]
    assert rules(validations=found) == {'noisy_pseudo_labels'}


def test_hard_classes_that_never_improve_point_at_the_data():
    early = validation(9000, 0.2, rust=0.006, chip=0.032, broken=0.2)
    late = validation(10000, 0.2, rust=0.006, chip=0.05, broken=0.2)
    assert rules(validations=[early], hard=HARD) == set()
    assert rules(validations=[early, late], hard=HARD) == {'not_improved/rust'}
    # against given baselines rather than the first validation
    given = dict(rust=0.001, chip=0.2)
    assert rules(validations=[early, late], hard=HARD, baselines=given) == {
        'not_improved/chip'
    }
    unknown = [dict(x, AP=dict(x['AP'], rust=None)) for x in (early, late)]
    assert rules(validations=unknown, hard=HARD) == set()


def test_limits_are_checked():
    with pytest.raises(ValueError, match='cv_rise must be positive, got 0'):
        GuardLimits(cv_rise=0)
    with pytest.raises(ValueError, match='begin_iters must be positive, got -1'):
        GuardLimits(begin_iters=-1)
    with pytest.raises(ValueError, match='map_drop must be positive, got nan'):
        GuardLimits(map_drop=math.nan)
