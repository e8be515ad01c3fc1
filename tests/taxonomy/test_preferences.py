import itertools

import pytest

from maxsight_mm.taxonomy import by_name
from maxsight_mm.taxonomy.preferences import (
    NEUTRAL_USER,
    PREFERENCES,
    is_alerted,
    preferences_of_class,
)


def user(**wishes):
    named = {name.replace('_', ' '): value for name, value in wishes.items()}
    assert named.keys() <= set(PREFERENCES)
    return tuple(named.get(name, 0.0) for name in PREFERENCES)


def test_danger_is_told_to_every_user():
    for wishes in itertools.product((0.0, 1.0), repeat=len(PREFERENCES)):
        assert is_alerted(wishes, (), urgency=3, zone=2)


@pytest.mark.parametrize(
    ('wishes', 'urgency', 'zone', 'told'),
    [
        (NEUTRAL_USER, 0, 0, False),
        (NEUTRAL_USER, 1, 2, True),
        (user(fewer_alerts=1.0), 1, 0, False),
        (user(fewer_alerts=1.0), 2, 0, True),
        (user(more_detail=1.0), 0, 1, True),
        (user(more_detail=1.0), 0, 2, False),
        (user(more_detail=1.0), 0, -1, True),
        (user(far_things=0.7), 0, 2, True),
        (user(far_things=0.6), 0, 2, False),
        (user(far_things=1.0), 0, 1, False),
        (user(vehicles=0.7), 0, 0, True),
        (user(vehicles=1.0, fewer_alerts=1.0), 0, 0, False),
        (user(vehicles=1.0, fewer_alerts=1.0), 1, 0, True),
        (user(people=1.0), 0, 0, False),
    ],
)
def test_rule_for_a_car(wishes, urgency, zone, told):
    car = preferences_of_class(by_name('car'))
    assert is_alerted(wishes, car, urgency, zone) is told


@pytest.mark.parametrize(
    ('name', 'kinds'),
    [
        ('person', ['people']),
        ('bus', ['vehicles']),
        ('stop sign', ['signs and text']),
        ('open manhole', ['ground hazards']),
        ('low branch', ['overhead']),
        ('wet floor sign', ['signs and text', 'ground hazards']),
        ('bench', []),
    ],
)
def test_kinds_of_classes(name, kinds):
    found = preferences_of_class(by_name(name))
    assert [PREFERENCES[kind] for kind in found] == kinds
