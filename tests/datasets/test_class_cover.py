import itertools
import random

import pytest

from maxsight_mm.datasets.class_cover import cover_classes


def _seen(parts, classes) -> set:
    return set().union(*(classes[part] for part in parts))


def _draw(seed, least_chosen):
    rng = random.Random(seed)
    parts = list(range(9))
    classes = {part: set(rng.sample(range(4), rng.randint(0, 3))) for part in parts}
    number = rng.randint(least_chosen, 6)
    return parts[:number], parts[number:], classes


@pytest.mark.parametrize('seed', range(50))
def test_as_many_parts_as_classes_show_all_of_them(seed):
    chosen, rest, classes = _draw(seed, least_chosen=4)
    covering = cover_classes(chosen, rest, classes)
    assert _seen(covering, classes) == _seen(classes, classes)
    assert len(set(covering)) == len(chosen)


@pytest.mark.parametrize('seed', range(50))
def test_fewer_parts_show_no_less_than_those_drawn_and_no_more_than_can_be(seed):
    chosen, rest, classes = _draw(seed, least_chosen=1)
    number = len(_seen(cover_classes(chosen, rest, classes), classes))
    choices = itertools.combinations(chosen + rest, len(chosen))
    most = max(len(_seen(choice, classes)) for choice in choices)
    assert len(_seen(chosen, classes)) <= number <= most


def test_a_draw_that_shows_all_stays():
    classes = {'a': {1}, 'b': {2}, 'c': {1, 2}, 'd': set()}
    assert cover_classes(['a', 'b'], ['c', 'd'], classes) == ['a', 'b']


def test_a_part_that_nothing_hangs_on_makes_room():
    classes = {'a': {1}, 'b': {1}, 'c': {2}}
    assert cover_classes(['a', 'b'], ['c'], classes) == ['c', 'b']
