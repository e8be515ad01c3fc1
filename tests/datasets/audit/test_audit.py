"""Composition, costs, boxes and the card, by hand."""

import json
import math

import pytest

from maxsight_mm.datasets.audit.box_statistics import box_statistics
from maxsight_mm.datasets.audit.collection import (
    AuditedBox,
    AuditedPicture,
    read_collection,
)
from maxsight_mm.datasets.audit.composition import (
    check_shares,
    scenario_table,
    wilson_interval,
)
from maxsight_mm.datasets.audit.data_card import data_card
from maxsight_mm.datasets.audit.miss_cost import Plan, plan_costs


def tagged(**counts):
    return [
        AuditedPicture(f'{name}{index}', 'train', name)
        for name, count in counts.items()
        for index in range(count)
    ]


def test_what_to_collect_keeps_everything_and_meets_the_target():
    pictures = tagged(violation=4, proper=18, edge_case=2, background=76)
    rows = {row.scenario: row for row in scenario_table(pictures)}
    # 76 of background are a tenth of 760.
    assert {name: row.to_add for name, row in rows.items()} == dict(
        violation=304 - 4, proper=266 - 18, edge_case=114 - 2, background=0
    )
    assert rows['violation'].share == 0.04
    after = {name: row.pictures + row.to_add for name, row in rows.items()}
    for name, row in rows.items():
        assert after[name] / sum(after.values()) == pytest.approx(row.target)


def test_a_collection_on_target_wants_nothing():
    rows = scenario_table(tagged(violation=40, proper=35, edge_case=15, background=10))
    assert [row.to_add for row in rows] == [0, 0, 0, 0]


def test_tags_without_a_target_are_listed_and_not_asked_for():
    pictures = tagged(violation=8, proper=2, night=10)
    rows = scenario_table(pictures, dict(violation=0.5, proper=0.5), dict(proper=1.0))
    assert [row.scenario for row in rows] == ['violation', 'proper', 'night']
    assert [row.to_add for row in rows] == [0, 6, 0]
    assert rows[0].share == 0.4
    assert math.isnan(rows[2].target)
    assert rows[1].natural == 1.0


def test_wilson_interval_is_the_textbooks():
    # Agresti and Coull 1998: 0 of 25.
    assert wilson_interval(0, 25) == pytest.approx((0, 0.1332), abs=1e-4)
    assert wilson_interval(5, 50) == pytest.approx((0.0435, 0.2136), abs=1e-4)


@pytest.mark.parametrize(
    ('shares', 'message'),
    [
        (dict(a=0.5, b=0.4), 'sum to 0.900'),
        (dict(a=1.2, b=-0.2), r'must be in \(0, 1\]'),
        (dict(a=math.nan), r'must be in \(0, 1\]'),
        ({}, r'must be in \(0, 1\]'),
    ],
)
def test_shares_that_are_none_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        check_shares(shares, 'target')


def test_a_collection_without_the_targets_tags_is_refused():
    with pytest.raises(ValueError, match='no picture has one of the tags.*there are x'):
        scenario_table(tagged(x=3))


def test_the_business_case_by_hand():
    plans = [Plan('natural', 0.95, 10_000), Plan('collected', 0.08, 25_000)]
    natural, collected = plan_costs(plans, events_per_year=10, cost_per_miss=5_000)
    assert natural.yearly_cost == pytest.approx(47_500)
    assert collected.yearly_cost == pytest.approx(4_000)
    assert collected.first_year_cost == pytest.approx(29_000)
    # 15,000 more, 43,500 a year less.
    assert 12 * collected.break_even_years == pytest.approx(4.14, abs=0.01)
    assert math.isnan(natural.break_even_years)


def test_a_worse_plan_never_pays_off():
    first, worse = plan_costs([Plan('a', 0.1, 5), Plan('b', 0.2, 9)], 100, 1)
    assert math.isinf(worse.break_even_years)
    first, cheaper = plan_costs([Plan('a', 0.2, 9), Plan('b', 0.1, 5)], 100, 1)
    assert cheaper.break_even_years == 0


@pytest.mark.parametrize(
    ('plans', 'events', 'cost', 'message'),
    [
        ([], 1, 1, 'no plan'),
        ([Plan('a', 1.5, 1)], 1, 1, 'miss rate of a'),
        ([Plan('a', math.nan, 1)], 1, 1, 'miss rate of a'),
        ([Plan('a', 0.5, math.nan)], 1, 1, 'set-up cost of a'),
        ([Plan('a', 0.5, 1)], 1, math.nan, 'cost per miss'),
        ([Plan('a', 0.5, 1)], -1, 1, 'events per year'),
    ],
)
def test_costs_that_are_none_are_refused(plans, events, cost, message):
    with pytest.raises(ValueError, match=message):
        plan_costs(plans, events, cost)


def test_boxes_are_counted_and_quartered():
    boxes = [AuditedBox('hand', w, 20, 100, 50) for w in (10, 20, 30, 40, 50)]
    boxes += [AuditedBox('hand', 0, 5, 100, 50), AuditedBox('hand', 3, 4, 100, 50)]
    pictures = [
        AuditedPicture('a', 'train', None, (), tuple(boxes[:5])),
        AuditedPicture('b', 'train', None, (), tuple(boxes[5:])),
        AuditedPicture('c', 'train', None),
    ]
    (row,) = box_statistics(pictures)
    assert (row.boxes, row.pictures, row.tiny, row.degenerate) == (7, 2, 1, 1)
    # 3, 10, 20, 30, 40, 50
    assert row.width_px == (12.5, 25, 37.5)
    assert row.area_share[1] == pytest.approx((0.08 + 0.12) / 2)


def test_the_card_says_what_is_open():
    card = data_card(dict(title='Kitchen', consent='written'), dict(Pictures='3 train'))
    assert card.startswith('# Kitchen\n')
    assert '**How consent was given:** written' in card
    assert '**Licence:** not stated' in card
    assert '* Licence' in card.split('## Open')[1]
    assert 'consent was given' not in card.split('## Open')[1]


@pytest.mark.parametrize(
    ('stated', 'message'), [(dict(owner='x'), 'no field'), (dict(licence=3), 'text')]
)
def test_a_card_of_other_fields_is_refused(stated, message):
    with pytest.raises(ValueError, match=message):
        data_card(stated, {})


def test_a_coco_file_and_a_table_are_read(tmp_path):
    coco = dict(
        images=[
            dict(id=1, file_name='a.jpg', width=10, height=8, scenario='proper'),
            dict(id=2, file_name='b.jpg', width=10, height=8),
        ],
        categories=[dict(id=5, name='hand')],
        annotations=[dict(id=1, image_id=1, category_id=5, bbox=[0, 0, 4, 2])],
    )
    (tmp_path / 'train.json').write_text(json.dumps(coco))
    (tmp_path / 'l.csv').write_text('path,split,risk\nx/c.jpg,val,unsafe\nd.jpg,,\n')
    sources = dict(train=tmp_path / 'train.json', all=tmp_path / 'l.csv')
    pictures = read_collection(sources, columns=['risk'])
    assert [p.scenario for p in pictures[:2]] == ['proper', None]
    assert pictures[0].boxes == (AuditedBox('hand', 4, 2, 10, 8),)
    assert [p.split for p in pictures[2:]] == ['val', 'all']
    assert [p.classes for p in pictures[2:]] == [('risk: unsafe',), ()]
    coco['annotations'][0]['image_id'] = 9
    (tmp_path / 'train.json').write_text(json.dumps(coco))
    with pytest.raises(ValueError, match='annotation 1 names an image'):
        read_collection(dict(train=tmp_path / 'train.json'))
