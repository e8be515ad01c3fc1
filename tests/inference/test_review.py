"""Budget, router, log and drift of decisions."""

import json
import math
from datetime import datetime, timezone

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.decisions import Costs
from maxsight_mm.inference import (
    DecisionLog,
    DecisionRule,
    ReviewRouter,
    RollingReviewBudget,
    ScoreDriftMonitor,
    read_decision_log,
    review_band,
)
from maxsight_mm.inference.review_router import count_outcomes
from maxsight_mm.inference.score_drift import (
    chance_limit,
    population_stability_index,
)

COSTS = Costs(miss=20.0, false_alarm=1.0)


def rule(**changes):
    settings = dict(
        task='risk', classes=('safe', 'unsafe'), unsafe=('unsafe',), threshold=0.5
    )
    return DecisionRule(**(settings | changes))


def total_cost(scores, truth, low, high, costs, review_cost):
    missed = (truth & (scores < low)).sum()
    alarms = (~truth & (scores >= high)).sum()
    looked_at = ((scores >= low) & (scores < high)).sum()
    cost = costs.miss * missed + costs.false_alarm * alarms + review_cost * looked_at
    return cost, looked_at


@pytest.mark.parametrize('share', [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize('review_cost', [0.0, 0.4, 30.0])
@pytest.mark.parametrize('seed', range(4))
def test_the_band_is_the_best_of_all_bands(share, review_cost, seed):
    rng = np.random.default_rng(seed)
    truth = rng.random(30) < 0.4
    # Rounded, so that there are ties.
    scores = np.clip(rng.normal(0.35 + 0.3 * truth, 0.2), 0, 1).round(1)
    low, high = review_band(scores, truth, COSTS, share, review_cost)
    cost, looked_at = total_cost(scores, truth, low, high, COSTS, review_cost)
    assert looked_at <= share * len(scores) + 1e-9
    edges = np.arange(-0.05, 1.2, 0.1)
    best = min(
        c
        for a in edges
        for b in edges[edges >= a]
        for c, n in [total_cost(scores, truth, a, b, COSTS, review_cost)]
        if n <= share * len(scores) + 1e-9
    )
    assert cost == pytest.approx(best)
    assert 0 <= low <= high <= 1


@pytest.mark.parametrize(
    ('scores', 'truth', 'share', 'message'),
    [
        ([0.1, math.nan], [True, False], 0.1, 'scores must be numbers'),
        ([0.1, 0.2], [True, True], 0.1, 'safe and unsafe'),
        ([0.1], [True, False], 0.1, '1 scores but 2'),
        ([0.1, 0.2], [True, False], 1.1, 'max_share'),
    ],
)
def test_a_band_of_nothing_is_refused(scores, truth, share, message):
    with pytest.raises(ValueError, match=message):
        review_band(scores, truth, COSTS, share)


def test_a_used_up_budget_makes_nothing_safe():
    router = ReviewRouter(rule(review=(0.2, 0.8)), RollingReviewBudget(0.1, 50))
    rng = np.random.default_rng(0)
    scores = rng.random(2000)
    made = [router.of_score(str(i), s) for i, s in enumerate(scores)]
    for score, decision in zip(scores, made, strict=True):
        if score >= 0.2:
            assert decision.outcome != 'safe'
        else:
            assert decision.outcome == 'safe'
    reviewed = np.array([d.outcome == 'review' for d in made])
    windows = np.convolve(reviewed, np.ones(50), 'valid')
    assert windows.max() <= 5
    # And what there is of it is used.
    assert reviewed.mean() > 0.09


def test_failures_reach_a_human_whatever_the_budget():
    router = ReviewRouter(rule(review=(0.2, 0.8)), RollingReviewBudget(0.02, 50))
    made = [router.unavailable(str(i), 'broken') for i in range(20)]
    made += [router.of_logits('x', [0.0, math.nan]), router.of_score('x', None)]
    assert {decision.outcome for decision in made} == {'review'}
    assert router.of_score('unsure', 0.5).outcome == 'unsafe'
    assert count_outcomes(made) == dict(safe=0, unsafe=0, review=22, unavailable=22)


def test_a_picture_is_as_unsafe_as_its_surest_unsafe_object():
    router = ReviewRouter(rule(classes=('glove', 'hand'), unsafe=('hand',)))
    classes = ('hand', 'glove')
    decide = router.of_detections
    assert decide('a', [0.4, 0.7, 0.99], [0, 0, 1], classes).score == 0.7
    assert decide('a', [0.4, 0.7, 0.99], [0, 0, 1], classes).outcome == 'unsafe'
    assert decide('b', [0.99], [1], classes).outcome == 'safe'
    assert decide('c', [], [], classes).outcome == 'safe'
    assert decide('d', [0.1, math.nan], [0, 1], classes).outcome == 'review'
    with pytest.raises(ValueError, match="no class 'hand'"):
        decide('e', [0.1], [0], ('cat', 'dog'))


def test_a_log_outlives_a_crash(tmp_path):
    path = tmp_path / 'logs' / 'decisions.jsonl'
    router = ReviewRouter(rule(model='abc'))
    time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    DecisionLog(path, router.rule).write(router.of_score('a.jpg', 0.7), time)
    with path.open('a') as file:
        file.write('{"time": "2026')
    log = DecisionLog(path, router.rule)
    log.write(router.unavailable('b.jpg', 'truncated'))
    records = list(read_decision_log(path))
    assert [r['picture'] for r in records] == ['a.jpg', 'b.jpg']
    assert records[0] == dict(
        time='2026-01-02T03:04:05.000+00:00',
        picture='a.jpg',
        outcome='unsafe',
        reason='score above',
        score=0.7,
        model='abc',
        threshold=0.5,
        review=None,
    )
    assert records[1]['score'] is None
    assert len(path.read_text().splitlines()) == 3
    json.loads(path.read_text().splitlines()[-1])


def test_stability_index_by_hand():
    # Shares .5 and .5 against .75 and .25, half a count added to each.
    p, q = 100.5 / 201, 150.5 / 201
    expected = (q - p) * math.log(q / p) + ((1 - q) - (1 - p)) * math.log(
        (1 - q) / (1 - p)
    )
    index = population_stability_index([100, 100], [150, 50])
    assert index == pytest.approx(expected)
    assert population_stability_index([10, 20], [100, 200]) == pytest.approx(
        0, abs=1e-3
    )
    with pytest.raises(ValueError, match='no index'):
        population_stability_index([1, 2], [0, 0])


def test_chance_alone_passes_the_limit_as_seldom_as_is_said():
    rng = np.random.default_rng(0)
    shares = [0.3, 0.1, 0.1, 0.1, 0.2, 0.2]
    limit = chance_limit(400, 300, 6, level=0.05)
    above = [
        population_stability_index(
            rng.multinomial(400, shares), rng.multinomial(300, shares)
        )
        > limit
        for _ in range(3000)
    ]
    assert 0.03 < np.mean(above) < 0.07


def test_drift_is_told_and_calm_is_not():
    rng = np.random.default_rng(1)
    edges = np.linspace(0, 1, 11)
    counts, _ = np.histogram(rng.beta(1, 4, 600), edges)
    calm, moved = (ScoreDriftMonitor(edges.tolist(), counts.tolist()) for _ in range(2))
    for score in rng.beta(1, 4, 150):
        moved.add(score)
    assert math.isnan(moved.index) and not moved.has_drifted
    for a, b in zip(rng.beta(1, 4, 1000), rng.beta(2, 3, 1000), strict=True):
        calm.add(a)
        moved.add(b)
    assert not calm.has_drifted
    assert moved.has_drifted


def test_a_reference_of_few_scores_is_refused():
    with pytest.raises(ValueError, match='too few or too alike'):
        ScoreDriftMonitor([0, 0.5, 1], [7, 2])
