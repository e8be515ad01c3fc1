"""The search for what stays in float, on costs given by hand."""

from pathlib import Path

import pytest

from maxsight_mm.deploy.quantization.decision_error import DecisionError
from maxsight_mm.deploy.quantization.sensitivity import (
    choose_float_stages,
    sensitivity_table,
)


class FakeQuantizer:
    """Writes down which stages would be INT8."""

    backend = 'onnxruntime'

    def __init__(self, costs):
        self.stages = {name: [name] for name in costs}

    def quantize(self, path: Path, float_stages=()) -> Path:
        path.write_text(' '.join(s for s in self.stages if s not in float_stages))
        return path


def choose(costs, **options):
    def judge(path):
        cost = sum(costs[stage] for stage in path.read_text().split())
        return DecisionError(cost, 0.0, cost, cost, cost, 0.0)

    return choose_float_stages(FakeQuantizer(costs), judge, **options)


def test_the_worst_stages_stay_in_float_until_it_is_good_enough():
    costs = dict(stem=0.01, body=0.2, tower=0.0, head=0.1)
    choice = choose(costs, max_changed=0.02)
    assert choice.float_stages == ('body', 'head')
    assert [kept for kept, _ in choice.steps] == [(), ('body',), ('body', 'head')]
    assert {name: e.changed for name, e in choice.alone.items()} == pytest.approx(costs)


def test_nothing_stays_in_float_where_all_are_good_enough():
    assert choose(dict(stem=0.001, body=0.002)).float_stages == ()


def test_the_search_ends_at_its_limit_with_the_best_step():
    costs = dict(a=0.5, b=0.4, c=0.3)
    choice = choose(costs, max_changed=0.0, max_float_stages=2)
    assert choice.float_stages == ('a', 'b')
    assert len(choice.steps) == 3


def test_stages_are_ranked_by_shares_and_scores_together():
    def judge(path):
        stages = path.read_text().split()
        share = 0.1 if 'a' in stages else 0.08
        return DecisionError(0.3 if 'b' in stages else 0.1, 0, *[share] * 3, 0)

    choice = choose_float_stages(FakeQuantizer(dict(a=0, b=0)), judge)
    assert choice.steps[1][0] == ('b',)


def test_the_table_has_the_worst_first_and_then_the_steps():
    lines = sensitivity_table(choose(dict(stem=0.01, body=0.2))).splitlines()[2:]
    assert [line.split('|')[1].strip() for line in lines] == [
        'body alone',
        'stem alone',
        'all',
        'all but body',
    ]
