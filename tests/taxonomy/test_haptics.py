import itertools

import pytest

from maxsight_mm.taxonomy.haptics import (
    HAPTIC_PATTERNS,
    SIDES,
    haptic_index,
    side_of_bearing,
)


def test_index_names_level_and_side():
    assert len(HAPTIC_PATTERNS) == 10
    assert HAPTIC_PATTERNS[haptic_index(0, 'left')].name == 'none'
    assert HAPTIC_PATTERNS[haptic_index(3, 'right')].name == 'danger right'
    for urgency, side in itertools.product((1, 2, 3), SIDES):
        pattern = HAPTIC_PATTERNS[haptic_index(urgency, side)]
        assert (pattern.urgency, pattern.side) == (urgency, side)


def test_one_motor_can_tell_all_patterns_apart():
    assert len({pattern.pulses_ms for pattern in HAPTIC_PATTERNS}) == 10


def test_pulses_can_be_played():
    for pattern in HAPTIC_PATTERNS[1:]:
        assert all(on >= 60 and off >= 0 for on, off in pattern.pulses_ms)
        assert pattern.pulses_ms[-1][1] == 0
        assert pattern.duration_ms <= 2000
    assert HAPTIC_PATTERNS[1].pulses_ms == ((80, 100), (240, 0))
    assert HAPTIC_PATTERNS[1].duration_ms == 420


@pytest.mark.parametrize(
    ('bearing', 'side'),
    [(0, 'ahead'), (-10, 'ahead'), (10.1, 'right'), (-45, 'left')],
)
def test_side_of_a_bearing(bearing, side):
    assert side_of_bearing(bearing) == side


def test_what_is_unknown_is_refused():
    with pytest.raises(ValueError, match='nan'):
        side_of_bearing(float('nan'))
    with pytest.raises(ValueError, match='expected urgency'):
        haptic_index(4, 'left')
    with pytest.raises(ValueError, match='a side of'):
        haptic_index(1, 'behind')
