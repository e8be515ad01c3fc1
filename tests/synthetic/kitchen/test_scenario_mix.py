from collections import Counter

import pytest

from maxsight_mm.synthetic.kitchen.scenario_mix import MIXES, share_of
from maxsight_mm.taxonomy.kitchen import SCENARIOS

EXPECTED = {
    'natural': dict(background=76, proper=18, violation=4, edge_case=2),
    'collected': dict(background=10, proper=35, violation=40, edge_case=15),
}


@pytest.mark.parametrize('mix', MIXES)
@pytest.mark.parametrize('start', [0, 100, 7300])
def test_every_hundred_holds_the_mix_exactly(mix, start):
    drawn = [share_of(mix, 3, index) for index in range(start, start + 100)]
    assert Counter(share.scenario for share in drawn) == EXPECTED[mix]
    empty = sum(share.equipment_only for share in drawn)
    assert empty == (1 if mix == 'natural' else 0)


@pytest.mark.parametrize('mix', MIXES)
def test_mixes_are_whole_and_of_known_scenarios(mix):
    assert sum(share.percent for share in MIXES[mix]) == 100
    assert {share.scenario for share in MIXES[mix]} == set(SCENARIOS)


def test_order_hangs_on_seed_and_hundred_alone():
    def order(seed, start):
        return [share_of('collected', seed, start + i).scenario for i in range(100)]

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(1, 0)
    assert order(0, 0) != order(0, 100)


def test_an_unknown_mix_is_refused():
    with pytest.raises(ValueError, match="mix must be one of .*'staged'"):
        share_of('staged', 0, 0)
