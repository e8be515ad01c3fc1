"""Read words, and sentences about an image, against what is true.

Character error rate: edits over true characters. Captions: F1 of the bags of words,
and BLEU-4 of the corpus (Papineni et al. 2002) with one reference a caption.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def edit_distance(a: str, b: str) -> int:
    """Least number of inserted, deleted and replaced characters (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        corner, row[0] = row[0], i
        for j, right in enumerate(b, start=1):
            corner, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, corner + (left != right)),
            )
    return row[-1]


def character_error_rate(answers: Sequence[str], truth: Sequence[str]) -> float:
    """Edits over true characters, of all texts together; nan without characters."""
    length = sum(map(len, truth))
    if not length:
        return float('nan')
    return sum(map(edit_distance, answers, truth)) / length


def word_accuracy(answers: Sequence[str], truth: Sequence[str]) -> float:
    """Share of texts read exactly; nan without texts."""
    if not truth:
        return float('nan')
    return sum(a == b for a, b in zip(answers, truth, strict=True)) / len(truth)


def words_of(caption: str) -> list[str]:
    """Words in lower case, without punctuation."""
    return _WORD.findall(caption.lower())


def token_f1(answer: str, truth: str) -> float:
    """F1 of the words two captions share, each as often as both have it."""
    own, true = Counter(words_of(answer)), Counter(words_of(truth))
    total = own.total() + true.total()
    return 2 * (own & true).total() / total if total else 1.0


def bleu4(answers: Sequence[str], truth: Sequence[str]) -> float:
    """BLEU-4 of a corpus in [0, 1], without smoothing; nan without captions.

    0 where no run of four words of any answer is right.
    """
    if not truth:
        return float('nan')
    hits, total = np.zeros(4), np.zeros(4)
    own_length = true_length = 0
    for answer, reference in zip(answers, truth, strict=True):
        own, true = words_of(answer), words_of(reference)
        own_length, true_length = own_length + len(own), true_length + len(true)
        for n in range(1, 5):
            grams = _grams(own, n)
            hits[n - 1] += (grams & _grams(true, n)).total()
            total[n - 1] += grams.total()
    if not hits.all():
        return 0.0
    brevity = min(0.0, 1 - true_length / own_length)
    return float(np.exp(brevity + np.log(hits / total).mean()))


def _grams(words: list[str], n: int) -> Counter:
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))
