import pytest

from maxsight_mm.synthetic.street import StreetConfig, StreetWorld
from maxsight_mm.taxonomy import CLASSES
from maxsight_mm.taxonomy.vocabulary import (
    BOS,
    EOS,
    PAD,
    UNK,
    VOCABULARY,
    detokenise,
    plural,
    tokenise,
)


def test_street_captions_round_trip_without_unknown_words():
    world = StreetWorld(StreetConfig(height=64, width=80))
    for seed in range(500):
        caption = world.frame(seed).caption
        ids, num_unknown = VOCABULARY.encode(caption)
        assert num_unknown == 0, caption
        assert VOCABULARY.decode(ids) == caption


def test_numbers_are_said_digit_by_digit():
    assert tokenise('A car 13.5 m ahead.') == [
        *('a', 'car', '1', '3', '.', '5', 'm', 'ahead', '.')
    ]


@pytest.mark.parametrize(
    'text',
    [
        '',
        'Nothing near.',
        "Danger: moving car, 2 o'clock, 10.0 m; person, 12 o'clock, near.",
        'A sign at 3. A car.',
    ],
)
def test_text_round_trips(text):
    assert detokenise(tokenise(text)) == text


def test_unknown_words_are_counted_and_become_unk():
    ids, num_unknown = VOCABULARY.encode('A zyzzyva ahead qwx.')
    assert num_unknown == 2 and ids.count(UNK) == 2


def test_decoding_stops_at_the_end_and_skips_special_tokens():
    car = VOCABULARY.encode('car')[0][0]
    assert VOCABULARY.decode([BOS, UNK, car, PAD, EOS, car]) == 'Car'


def test_every_class_name_and_plural_is_known():
    for spec in CLASSES:
        assert VOCABULARY.encode(spec.name)[1] == 0
        assert VOCABULARY.encode(plural(spec.name))[1] == 0


@pytest.mark.parametrize(
    ('name', 'wanted'),
    [
        ('person', 'people'),
        ('low branch', 'low branches'),
        ('bus', 'buses'),
        ('toy', 'toys'),
        ('lobby', 'lobbies'),
        ('traffic light', 'traffic lights'),
    ],
)
def test_plurals(name, wanted):
    assert plural(name) == wanted
