"""The closed character set of written words (our design).

Index 0 is the blank of connectionist temporal classification (CTC, Graves et al.
2006); the printable characters of ASCII follow, space included. A letter with an
accent becomes its plain letter; every other character is left out, so that a word
in an unknown script has no characters at all and counts as illegible.
"""

import unicodedata
from collections.abc import Iterable

BLANK = 0
CHARACTERS = ''.join(map(chr, range(32, 127)))
NUM_CHARACTERS = len(CHARACTERS) + 1  # with the blank
# What data sets write for words that nobody can read.
ILLEGIBLE = ('', '###')

_INDEX = {character: i for i, character in enumerate(CHARACTERS, start=1)}
# Index of each character's lower case; the blank is its own.
LOWER = (BLANK, *(_INDEX[character.lower()] for character in CHARACTERS))


def encode(text: str) -> list[int]:
    """Indices 1 to 95 of the known characters of a text, outer blanks cut off.

    Runs of white space are one space. What has no plain form is left out.
    """
    plain = unicodedata.normalize('NFKD', ' '.join(text.split()))
    return [_INDEX[c] for c in plain if c in _INDEX]


def decode(ids: Iterable[int]) -> str:
    """Text of indices 1 to 95; the blank gives nothing."""
    return ''.join(CHARACTERS[i - 1] for i in ids if i != BLANK)


def collapse(ids: Iterable[int]) -> str:
    """Text of a CTC path: repeats are one character, then blanks go."""
    path = list(ids)
    return decode(
        now for before, now in zip([BLANK, *path], path, strict=False) if now != before
    )
