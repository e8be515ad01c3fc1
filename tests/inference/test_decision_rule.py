import json
import math

import numpy as np
import pytest

from maxsight_mm.inference import DecisionRule, read_decision_rule

CONTENT = dict(
    version=1,
    task='risk',
    classes=['safe', 'unsafe'],
    unsafe=['unsafe'],
    activation='softmax',
    temperature=2.0,
    threshold=0.3,
    costs=dict(miss=20.0, false_alarm=1.0),
    review=None,
    score_histogram=dict(edges=[0, 0.5, 1], counts=[30, 14]),
    images=44,
    model='abcdef012345',
)
BROKEN = [None, math.nan, math.inf, -math.inf, -0.1, 1.1]


def rule(**changes):
    settings = dict(
        task='risk', classes=('safe', 'unsafe'), unsafe=('unsafe',), threshold=0.3
    )
    return DecisionRule(**(settings | changes))


def test_scores_by_hand():
    # exp(.5) / (exp(.5) + exp(-.5)) = .731
    assert rule(temperature=2.0).unsafe_score([-1.0, 1.0]) == pytest.approx(0.731059)
    several = rule(classes=('a', 'b', 'c'), unsafe=('b', 'c'))
    assert several.unsafe_score([0.0, 0.0, 0.0]) == pytest.approx(2 / 3)
    sigmoid = rule(classes=('a', 'b', 'c'), unsafe=('b', 'c'), activation='sigmoid')
    assert sigmoid.unsafe_score([9.0, 0.0, -2.0]) == pytest.approx(0.5)


def test_the_threshold_itself_is_unsafe():
    outcomes = [rule().decide('x', s).outcome for s in (0.0, 0.2999, 0.3, 1.0)]
    assert outcomes == ['safe', 'safe', 'unsafe', 'unsafe']


def test_two_thresholds():
    two = rule(review=(0.1, 0.6))
    outcomes = [two.decide('x', s).outcome for s in (0.0, 0.1, 0.5999, 0.6)]
    assert outcomes == ['safe', 'review', 'review', 'unsafe']


@pytest.mark.parametrize('score', BROKEN)
@pytest.mark.parametrize('review', [None, (0.0, 0.0), (0.2, 0.9), (1.0, 1.0)])
@pytest.mark.parametrize('threshold', [0.0, 0.5, 1.0])
def test_what_is_no_score_goes_to_a_human(score, review, threshold):
    decision = rule(review=review, threshold=threshold).decide('x', score)
    assert decision.outcome == 'review'
    assert decision.score is None
    assert 'unavailable' in decision.reason


@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
def test_broken_logits_have_no_score(value):
    assert math.isnan(rule().unsafe_score([0.0, value]))


def test_logits_of_another_number_of_classes_are_refused():
    with pytest.raises(ValueError, match='3 logits for the 2 classes of risk'):
        rule().unsafe_score(np.zeros(3))


def test_a_file_is_read(tmp_path):
    path = tmp_path / 'decision.json'
    path.write_text(json.dumps(CONTENT | dict(review=dict(low=0.1, high=0.6))))
    read = read_decision_rule(path)
    assert read.review == (0.1, 0.6)
    assert read.histogram == ((0.0, 0.5, 1.0), (30, 14))
    assert read == rule(
        temperature=2.0,
        review=(0.1, 0.6),
        model='abcdef012345',
        histogram=((0.0, 0.5, 1.0), (30, 14)),
    )


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(version=2), 'version 2'),
        (dict(threshold=1.5), 'threshold must be in'),
        (dict(threshold='0.5'), 'threshold must be a number'),
        (dict(threshold=math.nan), 'threshold must be in'),
        (dict(temperature=0), 'temperature'),
        (dict(unsafe=['unsave']), 'unsafe must name'),
        (dict(unsafe=['safe', 'unsafe']), 'some, not all'),
        (dict(activation='relu'), 'activation'),
        (dict(review=dict(low=0.6, high=0.1)), 'review must be'),
        (dict(review=dict(low=0.6)), "no 'high'"),
        (dict(score_histogram=dict(edges=[0, 1], counts=[1, 2])), 'edges'),
    ],
)
def test_a_file_that_is_not_right_is_one_line(tmp_path, change, message):
    path = tmp_path / 'decision.json'
    path.write_text(json.dumps(CONTENT | change))
    with pytest.raises(ValueError, match=message) as error:
        read_decision_rule(path)
    assert str(path) in str(error.value)
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('text', ['', '{', '[]', '{}'])
def test_a_file_that_is_something_else_is_refused(tmp_path, text):
    path = tmp_path / 'decision.json'
    path.write_text(text)
    with pytest.raises(ValueError, match=r'decision\.json'):
        read_decision_rule(path)
