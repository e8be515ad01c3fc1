import json
from dataclasses import replace

import numpy as np
import pytest

from maxsight_mm.evaluation.decision_study import (
    fit_decision,
    study_decision,
    unsafe_labels,
)
from maxsight_mm.evaluation.functional.decisions import Costs
from maxsight_mm.evaluation.task_predictions import TaskPredictions, read_predictions
from tests.toy_predictions import toy_predictions

COSTS = Costs(miss=20, false_alarm=1)


@pytest.fixture
def read(tmp_path):
    def build(**settings):
        path = tmp_path / 'predictions.json'
        path.write_text(json.dumps(toy_predictions(**settings)))
        return read_predictions(path)

    return build


def study(predictions, calibrate=None, unsafe=('unsafe',), costs=COSTS, **more):
    return study_decision(predictions, 'risk', unsafe, costs, calibrate, **more)


def with_labels(predictions, labels):
    """The first images, with other labels."""
    risk = predictions.task('risk')[np.arange(len(labels))]
    tasks = {'risk': replace(risk, labels=np.array(labels))}
    return TaskPredictions(predictions.model, tasks)


def test_judged_with_what_was_fitted_on_the_others(read):
    test, val = read(seed=0), read(seed=1, num_images=200)
    found = study(test, val)
    fit = fit_decision(val.task('risk').labelled(), (1,), COSTS)
    assert found.fit == fit and not found.cross_fitted
    assert (found.temperatures == fit.temperature).all()
    assert (found.thresholds == fit.threshold).all()
    # Every tenth has no label.
    assert (len(found.answers), found.num_unlabelled) == (72, 8)
    logits = found.answers.logits / fit.temperature
    expected = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)
    held = expected >= fit.threshold
    outcome = found.outcome
    assert outcome.misses == (~held & (found.answers.labels == 1)).sum()
    assert outcome.false_alarms == (held & (found.answers.labels == 0)).sum()


def test_labels_to_judge_do_not_change_what_is_fitted(read):
    test, val = read(seed=0), read(seed=1)
    flipped = with_labels(test, 1 - np.abs(test.task('risk').labels))
    assert study(flipped, val).fit == study(test, val).fit


def test_each_part_is_judged_with_the_fit_of_the_others(read):
    predictions = read()
    found = study(predictions)
    risk = predictions.task('risk').labelled()
    assert found.cross_fitted and found.fit == fit_decision(risk, (1,), COSTS)
    parts = [found.temperatures == each for each in np.unique(found.temperatures)]
    assert len(parts) == found.num_folds == 10
    for judged in parts:
        rest = fit_decision(risk[~judged], (1,), COSTS)
        assert set(found.thresholds[judged]) == {rest.threshold}
        assert set(found.temperatures[judged]) == {rest.temperature}
    # Safe and unsafe images are split evenly, one by one at most apart.
    for kind in (found.is_unsafe, ~found.is_unsafe):
        sizes = [(judged & kind).sum() for judged in parts]
        assert max(sizes) - min(sizes) <= 1


def test_three_unsafe_images_make_three_parts(read):
    predictions = with_labels(read(), [1, 1, 1] + [0] * 20)
    assert study(predictions).num_folds == 3


@pytest.mark.parametrize(
    ('costs', 'threshold'), [((20, 1), 1 / 21), ((1, 3), 0.75), ((0, 2), 1)]
)
def test_break_even_threshold_is_that_of_the_costs(read, costs, threshold):
    val = read(seed=1)
    found = study(read(seed=0), val, costs=Costs(*costs), rule='break_even')
    assert found.fit.threshold == pytest.approx(threshold)
    assert found.fit.temperature == study(read(seed=0), val).fit.temperature
    assert found.outcome == found.policies['break-even score']
    assert found.held_back.sum() == (found.scores >= found.fit.threshold).sum()


def test_break_even_costs_are_checked(read):
    with pytest.raises(ValueError, match='costs must be finite'):
        study(read(), costs=Costs(float('nan'), 1), rule='break_even')


def test_an_image_has_no_say_in_its_own_decision(read):
    predictions = read()
    before = study(predictions)
    labels = predictions.task('risk').labels.copy()
    one = np.flatnonzero(before.is_unsafe)[0]
    risk = predictions.task('risk').labelled()
    logits = risk.logits.copy()
    logits[one] = [50, -50]
    tasks = {'risk': replace(risk, logits=logits)}
    after = study(TaskPredictions(None, tasks))
    assert after.thresholds[one] == before.thresholds[one]
    assert after.temperatures[one] == before.temperatures[one]
    assert after.fit != before.fit and len(labels) == 80


def test_parts_follow_the_seed(read):
    predictions = read()
    same, again, other = (study(predictions, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(same.thresholds, again.thresholds)
    assert not np.array_equal(same.thresholds, other.thresholds)


def test_image_whose_score_became_the_threshold_is_held_back_in_single_precision(read):
    val = read(seed=1, num_images=300)
    fit = fit_decision(val.task('risk').labelled(), (1,), COSTS)
    logits = val.task('risk').labelled().logits.astype(np.float32)
    scaled = logits / np.float32(fit.temperature)
    exp = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    scores = exp[:, 1] / exp.sum(axis=1)
    exact = study(read(seed=0), val).fit_sweep()
    index = np.searchsorted(exact.threshold, fit.threshold)
    assert (scores >= np.float32(fit.threshold)).sum() == (
        exact.false_alarms[index]
        + (val.task('risk').labels == 1).sum()
        - exact.misses[index]
    )


def test_policies_need_no_threshold(read):
    found = study(read())
    policies, num_unsafe = found.policies, int(found.is_unsafe.sum())
    assert policies['always safe'] == (num_unsafe, 72 - num_unsafe, num_unsafe, 0)
    assert policies['always unsafe'].false_alarms == 72 - num_unsafe
    wrong = found.best_scored != found.answers.labels
    best = policies['best-scored class']
    assert best.misses + best.false_alarms == wrong.sum()


@pytest.mark.parametrize('activation', ['softmax', 'sigmoid'])
def test_several_unsafe_classes(read, activation):
    predictions = read(num_classes=4, activation=activation)
    found = study(predictions, unsafe=('traffic', 'trench'))
    assert found.unsafe == (2, 3)
    np.testing.assert_array_equal(found.is_unsafe, found.answers.labels >= 2)
    assert found.outcome.recall > 0.8


@pytest.mark.parametrize(
    ('unsafe', 'words'),
    [
        (['unsaf'], "no class 'unsaf'; known: safe, unsafe"),
        (['safe', 'unsafe'], 'some but not all'),
        ([], 'got none'),
    ],
)
def test_unsafe_classes_are_checked(unsafe, words):
    with pytest.raises(ValueError, match=words):
        unsafe_labels(('safe', 'unsafe'), unsafe)


def test_one_class_is_refused(read):
    predictions = read()
    with pytest.raises(ValueError, match='cross-fitting: .* got 6 safe and 0 unsafe'):
        study(with_labels(predictions, [0] * 6))
    with pytest.raises(ValueError, match='got 5 safe and 1 unsafe'):
        study(with_labels(predictions, [0] * 5 + [1]))
    with pytest.raises(ValueError, match='calibration images: .* 0 safe and 3 unsafe'):
        study(read(seed=1), with_labels(predictions, [1, 1, 1]))
    with pytest.raises(ValueError, match='no image has a label of risk'):
        study(with_labels(predictions, [-1] * 4))


def test_judged_images_of_one_class_are_enough_where_others_are_fitted_on(read):
    found = study(with_labels(read(), [1, 1, -1]), read(seed=1))
    assert found.outcome.num_safe == 0
    assert np.isnan(found.outcome.false_alarm_rate)
    assert np.isnan(found.sweep().false_alarm_rate).all()


def test_files_that_do_not_go_together_are_refused(read):
    test, val = read(seed=0), read(seed=1)
    with pytest.raises(ValueError, match='80 images are in both files'):
        study(test, test)
    with pytest.raises(ValueError, match='of model abcdef012345, those .* of other'):
        study(test, replace(val, model='other'))
    assert study(test, replace(val, model=None)).fit == study(test, val).fit
    for change, words in (
        (dict(classes=('unsafe', 'safe')), 'classes of risk differ'),
        (dict(activation='sigmoid'), 'activation of risk differ'),
    ):
        risk = replace(val.task('risk'), **change)
        with pytest.raises(ValueError, match=words):
            study(test, replace(val, tasks={'risk': risk}))
