"""The closed word list of scene captions (our design).

Words of the class names and their plurals, the words of the synthetic captions and
of the spoken descriptions, single digits and punctuation: ``3.5 m`` is ``3 . 5 m``,
so any number can be said with ten tokens. Text is kept in lower case; sentences get
their capital back. What is not in the list becomes ``<unk>``.
"""

import re
from collections.abc import Iterable, Sequence

from .classes import CLASSES
from .levels import URGENCIES, ZONES

SPECIAL_TOKENS = ('<pad>', '<bos>', '<eos>', '<unk>')
PAD, BOS, EOS, UNK = range(4)

PUNCTUATION = ('.', ',', ':', ';', '!', '?', '%')
_GRAMMAR = """
a an the and or of in on at to with without is are near far nothing no one two three
four five six several many few street daylight under grey sky dusk night fog day
overcast way ahead clear left right front behind above below next moving standing
coming m metre metres o'clock something somebody people watch then also there
"""
_IRREGULAR = {'person': 'people', 'knife': 'knives', 'scissors': 'scissors'}
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d|[^\w\s]")


def plural(name: str) -> str:
    """Plural of a class name: that of its last word."""
    *before, word = name.split(' ')
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
    elif word.endswith(('s', 'x', 'ch', 'sh')):
        word += 'es'
    elif word.endswith('y') and word[-2] not in 'aeiou':
        word = f'{word[:-1]}ies'
    else:
        word += 's'
    return ' '.join([*before, word])


def tokenise(text: str) -> list[str]:
    """Lower-case words, single digits and punctuation marks."""
    return _TOKEN.findall(text.lower().replace('’', "'"))


def detokenise(tokens: Iterable[str]) -> str:
    """Text with its blanks and capitals: the inverse of :func:`tokenise`.

    Digits in a row are one number, and a point between two digits is a decimal
    point.
    """
    words = list(tokens)
    text, starts_sentence = '', True
    for i, word in enumerate(words):
        before = words[i - 1] if i else ''
        after = words[i + 1] if i + 1 < len(words) else ''
        two_before = words[i - 2] if i > 1 else ''
        joined = before.isdigit() and (
            word.isdigit() or (word == '.' and after.isdigit())
        )
        joined |= before == '.' and word.isdigit() and two_before.isdigit()
        if text and not joined and word not in PUNCTUATION:
            text += ' '
        text += word[:1].upper() + word[1:] if starts_sentence else word
        starts_sentence = word in ('.', '!', '?') and not joined
    return text


class Vocabulary:
    """Words by index, the special tokens first.

    Args:
        words: Words beside the special tokens, without repeats.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = (*SPECIAL_TOKENS, *words)
        self._index = {word: i for i, word in enumerate(self.words)}
        if len(self._index) != len(self.words):
            raise ValueError('words of a vocabulary must be unique')

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str) -> tuple[list[int], int]:
        """Indices of the tokens of a text, and how many of them are unknown."""
        ids = [self._index.get(token, UNK) for token in tokenise(text)]
        return ids, ids.count(UNK)

    def decode(self, ids: Iterable[int]) -> str:
        """Text up to the first ``<eos>``; other special tokens give nothing."""
        tokens = []
        for i in ids:
            if i == EOS:
                break
            if i >= len(SPECIAL_TOKENS):
                tokens.append(self.words[i])
        return detokenise(tokens)


def _word_list() -> list[str]:
    names = [spec.name for spec in CLASSES]
    # Captions of older street sets add a bare s where English does not.
    forms = [*names, *map(plural, names), *(f'{name}s' for name in names)]
    words = {token for form in forms for token in tokenise(form)}
    words |= {*_GRAMMAR.split(), *URGENCIES, *ZONES, *map(str, range(10)), *PUNCTUATION}
    return sorted(words)


VOCABULARY = Vocabulary(_word_list())
