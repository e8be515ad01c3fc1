import json
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import cv2
import pytest
import torch

from maxsight_mm.engine.hooks import (
    ClassProgressHook,
    PositiveAnchorHook,
    PseudoLabelMonitorHook,
    TrainingGuardHook,
    positive_anchor_hook,
)
from maxsight_mm.engine.ssod_monitor import RunRecords
from tests.engine.toy_ssod_run import train, warnings
from tests.models.toy_defects import (
    batch,
    build_teacher,
    dense_config,
    two_stage_config,
)

PROGRESS = 'ClassProgressHook'
MONITOR = 'PseudoLabelMonitorHook'
GUARD = 'TrainingGuardHook'


def told(step):
    rust = step / 1000
    return {'det/mAP': 0.2, 'det/AP/Severe_Rust': rust, 'det/AP50/Severe_Rust': 0.3}


def records(work_dir, kind):
    return RunRecords(work_dir, kind).read()


def scalars(runner):
    path = Path(runner.log_dir, 'vis_data/scalars.json')
    found = {}
    for line in path.read_text().splitlines():
        found |= json.loads(line)
    return found


def test_progress_is_recorded_against_baseline_and_share(tmp_path):
    hook = dict(type=PROGRESS, baselines=dict(Severe_Rust=0.006))
    runner = train(tmp_path, [hook], told=told)
    found = records(tmp_path, 'class_progress')
    assert [each['step'] for each in found] == [10, 20]
    row = found[0]['classes']['Severe_Rust']
    expected = dict(AP=0.01, AP50=0.3, baseline=0.006, AP_difference=0.004)
    # three of the four boxes
    expected |= dict(share=0.75, efficiency=0.01 / 0.75)
    assert row == pytest.approx(expected)
    assert found[0]['mAP'] == 0.2
    assert found[0]['classes']['Broken']['AP'] is None
    logged = scalars(runner)
    assert logged['ap/Severe_Rust'] == pytest.approx(0.02)
    assert logged['efficiency/Severe_Rust'] == pytest.approx(0.02 / 0.75)
    assert logged['ap_difference/Severe_Rust'] == pytest.approx(0.014)
    assert 'ap/Broken' not in logged
    assert not warnings(runner)


def test_a_resumed_run_goes_on_with_the_records(tmp_path):
    hooks = [dict(type=PROGRESS), dict(type=MONITOR, interval=5)]
    train(tmp_path, hooks, told=told, iters=25, every=10)
    # the run is taken up at 20, although it had come to 25
    (tmp_path / 'iter_25.pth').unlink()
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'iter_20.pth'))
    train(tmp_path, hooks, told=told, iters=30, every=10, resume=True)
    found = [each['step'] for each in records(tmp_path, 'class_progress')]
    assert found == [10, 20, 30]
    found = [each['step'] for each in records(tmp_path, 'pseudo_labels')]
    assert found == [5, 10, 15, 20, 25, 30]


def test_metrics_without_classes_are_told_of(tmp_path):
    runner = train(tmp_path, [dict(type=PROGRESS)], told=lambda step: {'mAP': 0.1})
    assert 'no AP of single classes' in warnings(runner)[0]
    assert records(tmp_path, 'class_progress') == []


def test_an_unknown_class_is_refused(tmp_path):
    hook = dict(type=PROGRESS, baselines=dict(Rust=0.1))
    with pytest.raises(ValueError, match="'Rust' is none of the classes Severe_Rust"):
        train(tmp_path, [hook])


def test_scores_and_kept_ratios_are_recorded_and_counts_set_back(tmp_path):
    runner = train(tmp_path, [dict(type=MONITOR, interval=10)], iters=20)
    first, second = records(tmp_path, 'pseudo_labels')
    rust, broken = first['classes']['Severe_Rust'], first['classes']['Broken']
    assert (rust['seen'], rust['kept'], rust['kept_ratio']) == (10, 10, 1.0)
    assert (broken['seen'], broken['kept'], broken['kept_ratio']) == (10, 0, 0.0)
    assert second['classes']['Broken']['seen'] == 10
    assert first['kept_ratio'] == 0.5
    assert first['mean'] == pytest.approx(0.55) == first['median']
    assert rust['mean'] == pytest.approx(0.9)
    assert rust['histogram'][9] == broken['histogram'][2] == 8
    assert rust['threshold'] == 0.5
    logged = scalars(runner)
    assert logged['kept_ratio/Severe_Rust'] == 1.0
    assert logged['threshold/Broken'] == 0.5
    assert int(runner.model.governor.seen.sum()) == 0


def test_silence_is_told_once_also_over_a_resume(tmp_path):
    hook = dict(type=MONITOR, interval=5, silent_intervals=3)

    def scores(step):
        return [0.9 if step <= 5 else 0.1, 0.2], [0, 1]

    first = train(tmp_path, [hook], scores=scores, iters=10, every=10)
    said = warnings(first)
    assert len(said) == 1
    assert 'iteration 10: not one of 10 candidates became' in said[0]
    again = train(tmp_path, [hook], scores=scores, iters=30, every=10, resume=True)
    said = warnings(again)
    assert len(said) == 2
    assert 'iteration 15: Broken: no pseudo-label for 15 iterations' in said[0]
    assert 'iteration 20: Severe_Rust: no pseudo-label for 15' in said[1]


def test_a_burn_in_is_no_silence():
    model = SimpleNamespace(
        burning_in=True, governor=SimpleNamespace(reset_counts=lambda: None)
    )
    hook = PseudoLabelMonitorHook(interval=2)
    for iteration in range(4):
        # would fail at the records, which only before_train makes
        hook.after_train_iter(SimpleNamespace(model=model, iter=iteration), iteration)


def test_a_model_without_governor_is_refused():
    runner = SimpleNamespace(model=torch.nn.Linear(1, 1))
    with pytest.raises(ValueError, match='the model has no governor'):
        PseudoLabelMonitorHook().before_train(runner)


def anchor_runner(config, tmp_path):
    logged = {}
    visualizer = SimpleNamespace(add_scalars=lambda values, step: logged.update(values))
    model = build_teacher(config)
    return SimpleNamespace(
        model=model, iter=0, work_dir=tmp_path, visualizer=visualizer, logged=logged
    )


def test_positive_anchors_of_the_labelled_pictures_are_recorded(tmp_path):
    runner = anchor_runner(two_stage_config(), tmp_path)
    hook = PositiveAnchorHook(interval=2)
    hook.before_train(runner)
    _, samples = batch(labelled=2)
    samples['sup'].insert(1, None)
    for runner.iter in range(2):
        hook.after_train_iter(runner, runner.iter, dict(data_samples=samples))
    (found,) = records(tmp_path, 'positive_anchors')
    assert (found['step'], found['images'], found['boxes']) == (2, 2, 2)
    assert list(found['by_aspect']) == ['0.50', '1.00', '2.00']
    total = sum(map(sum, found['by_aspect'].values()))
    # every box gets its best anchor at least
    assert total >= 2
    assert runner.logged['positive_anchors/per_box'] == total / 2
    assert runner.logged['positive_anchors/1.00'] == sum(found['by_aspect']['1.00'])
    assert not any('loss' in name for name in runner.logged)


def test_a_head_without_anchors_is_left_alone_and_told_of_once(tmp_path):
    runner = anchor_runner(dense_config(), tmp_path)
    hook = PositiveAnchorHook(interval=1)
    with mock.patch.object(positive_anchor_hook, 'print_log') as said:
        hook.before_train(runner)
        for _ in range(2):
            hook.after_train_iter(runner, 0, dict(data_samples=batch()[1]))
    assert records(tmp_path, 'positive_anchors') == []
    assert said.call_count == 1
    assert 'head of FCOS does not assign' in said.call_args.args[0]


def guard(**more):
    limits = dict(window_iters=5, patience_iters=10) | more
    return dict(type=GUARD, interval=5, **limits)


def falling(step):
    return 0.98**step


def dropping(step):
    return told(step) | {'det/mAP': 0.2 if step < 20 else 0.1}


def test_the_guard_warns_once_and_lets_the_training_go_on(tmp_path):
    runner = train(tmp_path, [guard()], falling, told=dropping, iters=40)
    said = warnings(runner)
    assert len(said) == 1
    assert 'iteration 20: mAP 0.1000 is 50.0% below the best so far, 0.2000' in said[0]
    (event,) = records(tmp_path, 'guard_events')
    assert (event['step'], event['rule']) == (20, 'map_drop')
    assert runner.iter == 40
    block = torch.tensor([0.98**step for step in range(5)], dtype=torch.float64)
    expected = float(block.std(correction=0) / block.mean())
    assert scalars(runner)['guard/cv'] == pytest.approx(expected, rel=1e-3)


def test_the_guard_stops_behind_a_checkpoint_that_can_be_resumed(tmp_path):
    hook = guard(action='stop')
    runner = train(tmp_path, [hook], falling, told=dropping, iters=40)
    assert runner.iter == 20
    assert (tmp_path / 'last_checkpoint').read_text().endswith('iter_20.pth')
    # whoever resumes wants to go on: the old event is not told again
    again = train(tmp_path, [hook], falling, told=dropping, iters=40, resume=True)
    assert again.iter == 40
    assert not warnings(again)
    assert len(records(tmp_path, 'guard_events')) == 1


def test_a_stop_between_checkpoints_saves_one(tmp_path):
    hook = guard(action='stop', patience_iters=10, cv_rise=9)
    runner = train(tmp_path, [hook], lambda step: 1.0, iters=60, every=40)
    # windows end at 5, 10 and 15; nothing fell since 5
    assert runner.iter == 15
    saved = torch.load(tmp_path / 'iter_15.pth', weights_only=False)
    assert saved['meta']['iter'] == 15
    # with the schedule's step of this iteration in it
    assert saved['param_schedulers'][0]['last_step'] == 15
    again = train(tmp_path, [hook], lambda step: 1.0, iters=20, every=40, resume=True)
    assert again.iter == 20


def test_losses_before_a_resume_count(tmp_path):
    hook = guard(patience_iters=20)
    train(tmp_path, [hook], lambda step: 1.0, iters=20)
    assert records(tmp_path, 'guard_events') == []
    runner = train(tmp_path, [hook], lambda step: 1.0, iters=30, resume=True)
    assert 'iteration 25: the loss has not fallen by 1.0% for 20' in warnings(runner)[0]
    assert [each['step'] for each in records(tmp_path, 'loss')] == [*range(5, 31, 5)]


def test_a_rule_kept_in_between_is_told_again(tmp_path):
    def scores(step):
        return told(step) | {'det/mAP': {20: 0.1, 30: 0.2, 40: 0.1}.get(step, 0.2)}

    runner = train(tmp_path, [guard()], falling, told=scores, iters=40)
    assert [each['step'] for each in records(tmp_path, 'guard_events')] == [20, 40]
    assert len(warnings(runner)) == 2


def test_losses_that_are_not_finite_are_told_and_left_out(tmp_path):
    def losses(step):
        return float('nan') if step > 7 else 1.0

    runner = train(tmp_path, [guard()], losses, iters=15)
    assert [each['count'] for each in records(tmp_path, 'loss')] == [5, 2, 0]
    assert len(warnings(runner)) == 1
    assert 'iteration 15: not one loss' in warnings(runner)[0]


def test_the_guard_takes_only_known_settings():
    with pytest.raises(ValueError, match="'warn' or 'stop', got 'halt'"):
        TrainingGuardHook(action='halt')
    with pytest.raises(ValueError, match='interval must be 1 or more'):
        TrainingGuardHook(interval=0)
    with pytest.raises(ValueError, match='interval must be 1 or more'):
        PositiveAnchorHook(interval=0)
    with pytest.raises(ValueError, match='silent_intervals must be 1 or more'):
        PseudoLabelMonitorHook(silent_intervals=0)
    with pytest.raises(TypeError, match='patience'):
        TrainingGuardHook(patience=3)
    assert ClassProgressHook().baselines == {}


def test_the_dashboard_is_drawn_at_the_end(tmp_path):
    hooks = [
        dict(type=PROGRESS),
        dict(type=MONITOR, interval=5),
        guard(),
        dict(type='SsodDashboardHook'),
    ]
    train(tmp_path, hooks, falling, told=told)
    picture = cv2.imread(str(tmp_path / 'ssod_monitor/dashboard.png'))
    assert min(picture.shape[:2]) > 1000


def test_a_run_without_records_gets_no_dashboard(tmp_path):
    train(tmp_path, [dict(type='SsodDashboardHook')])
    assert not (tmp_path / 'ssod_monitor').exists()
