import pytest

from maxsight_mm.taxonomy.characters import (
    BLANK,
    CHARACTERS,
    LOWER,
    NUM_CHARACTERS,
    collapse,
    decode,
    encode,
)


def test_every_character_round_trips():
    text = CHARACTERS.strip()
    assert decode(encode(text)) == text
    assert len(LOWER) == NUM_CHARACTERS == 96


@pytest.mark.parametrize(
    ('text', 'kept'),
    [('Café', 'Cafe'), ('  MAIN \n ST ', 'MAIN ST'), ('Ω7', '7'), ('北京', '')],
)
def test_unknown_characters_are_mapped_or_left_out(text, kept):
    assert decode(encode(text)) == kept


def test_a_path_collapses_repeats_before_blanks():
    a, b = encode('ab')
    assert collapse([a, a, BLANK, a, b, b, BLANK, BLANK]) == 'aab'
    assert collapse([BLANK, BLANK]) == collapse([]) == ''


def test_lower_maps_capitals_alone():
    assert decode(LOWER[i] for i in encode('Exit 4B!')) == 'exit 4b!'
    assert LOWER[BLANK] == BLANK
