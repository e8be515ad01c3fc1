"""Judges found and read text, and captions."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from maxsight_mm.taxonomy.characters import ILLEGIBLE, decode, encode

from ..functional.quads import f1_score, inside_share, match_quads
from ..functional.text import (
    bleu4,
    character_error_rate,
    token_f1,
    word_accuracy,
)
from .task_evaluator import UNLABELLED, Figure, Record, TaskEvaluator
from .task_view import TaskView

NAN = float('nan')
QUADS = 'text_detection_quads'
# Of a quad in illegible text; of more it says nothing (ICDAR 2015's evaluation).
_IGNORED_SHARE = 0.5


class TextDetectionEvaluator(TaskEvaluator):
    """F1 of quads that overlap a true one by half (ICDAR's rule); a case is a text.

    The label is ``texts``, of ``{text, quad}``; quads are in pixels of the network's
    input on both sides. An image labelled without text counts for its false alarms.
    Text that nobody can read counts on neither side: neither as missed nor as found,
    and a quad that lies in it by more than half is no false alarm (ICDAR 2015).
    """

    def read(self, view: TaskView) -> Record:
        texts = view.raw_label(self.label)
        if texts is None:
            return UNLABELLED
        quads = _quads(view.raw_answer(self.answer))
        if quads is None:
            return Record(None, 0, _num_legible(texts))
        found_by, counted = _match(quads, texts)
        counts = ((found_by >= 0).sum(), counted.sum(), len(found_by))
        return Record(np.array(counts, dtype=np.int32), len(found_by))

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        hits, found, truth = np.sum([np.zeros(3), *data], axis=0).tolist()
        nothing = 0.0 if truth else NAN
        against = 'no text found'
        return [
            Figure('f1', f1_score(hits, found, truth), nothing, against, True),
            Figure('precision', hits / found if found else NAN, nothing, against, True),
            Figure('recall', hits / truth if truth else NAN, nothing, against, True),
        ]


class TextRecognitionEvaluator(TaskEvaluator):
    """Character error rate and share of words read exactly; a case is a read text.

    Where the model also finds text, each true text is read by the quad that
    overlaps it by half, and those without one are unanswered; ``end_to_end_accuracy``
    counts them as wrong. Else the answers are in the order of the labels. Truths are
    reduced to the known characters; text that nobody can read is left out, with the
    quads in it, as in :class:`TextDetectionEvaluator`. Against it stands the one
    string that fits the judged texts best.
    """

    def read(self, view: TaskView) -> Record:
        texts = view.raw_label(self.label)
        if texts is None:
            return UNLABELLED
        answers = view.raw_answer(self.answer)
        if answers is None:
            return Record(None, 0, _num_legible(texts))
        quads = _quads(view.raw_answer(QUADS))
        if quads is not None and len(quads) == len(answers):
            found_by, _ = _match(quads, texts)
        elif len(answers) == len(texts):
            found_by = np.flatnonzero(_legible(texts))
        else:
            raise view.error(
                'pred_tasks',
                self.answer,
                f'{len(answers)} answers for {len(texts)} texts and no quads for them',
            )
        truth = [decode(encode(t)) for t in map(_text, texts) if _is_legible(t)]
        read = [(answers[i], t) for i, t in zip(found_by, truth, strict=True) if i >= 0]
        missed = len(truth) - len(read)
        return Record((read, missed), len(read), missed)

    def figures(self, data: Sequence[tuple[list, int]]) -> list[Figure]:
        pairs = [pair for read, _ in data for pair in read]
        missed = sum(missed for _, missed in data)
        answers, truth = [a for a, _ in pairs], [t for _, t in pairs]
        accuracy = word_accuracy(answers, truth)
        usual = _shares(truth)
        total = len(truth) + missed
        return [
            Figure(
                'character_error_rate',
                character_error_rate(answers, truth),
                _constant_error_rate(truth),
                'best string',
                False,
            ),
            Figure('word_accuracy', accuracy, usual, 'commonest word', True),
            Figure(
                'end_to_end_accuracy',
                sum(a == t for a, t in pairs) / total if total else NAN,
                0.0 if total else NAN,
                'no text found',
                True,
            ),
        ]


class CaptionEvaluator(TaskEvaluator):
    """Word F1 and BLEU-4 against the commonest caption of the judged labels.

    An empty caption earns 0 in both, so the commonest is the harder one to beat.
    """

    def read(self, view: TaskView) -> Record:
        truth = view.raw_label(self.label)
        if truth is None:
            return UNLABELLED
        answer = view.raw_answer(self.answer)
        return Record(None, 0, 1) if answer is None else Record((answer, truth), 1)

    def figures(self, data: Sequence[tuple[str, str]]) -> list[Figure]:
        answers, truth = [a for a, _ in data], [t for _, t in data]
        usual = [min(_commonest(truth))] * len(truth) if truth else []
        against = 'commonest caption'
        return [
            Figure(
                'token_f1',
                _mean_f1(answers, truth),
                _mean_f1(usual, truth),
                against,
                True,
            ),
            Figure('bleu4', bleu4(answers, truth), bleu4(usual, truth), against, True),
        ]


def _text(text: str | dict) -> str:
    return text if isinstance(text, str) else text['text']


def _is_legible(text: str) -> bool:
    return text not in ILLEGIBLE and bool(encode(text))


def _legible(texts: Sequence[str | dict]) -> np.ndarray:
    """(G,) bool."""
    return np.array([_is_legible(_text(text)) for text in texts], dtype=bool)


def _num_legible(texts: Sequence[str | dict]) -> int:
    return int(_legible(texts).sum())


def _match(quads: np.ndarray, texts: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """The quad (L,) int64 that found each legible text, and which (N,) bool count.

    -1 for a text that none found. Quads that do not count find nothing.
    """
    legible, true = _legible(texts), _true_quads(texts)
    counted = inside_share(quads, true[~legible]) <= _IGNORED_SHARE
    found_by = match_quads(quads[counted], true[legible])
    found = found_by >= 0
    found_by[found] = np.flatnonzero(counted)[found_by[found]]
    return found_by, counted


def _mean_f1(answers: list[str], truth: list[str]) -> float:
    return float(np.mean(list(map(token_f1, answers, truth)))) if truth else NAN


def _commonest(values: list[str]) -> list[str]:
    """All values that occur most often."""
    counts = Counter(values)
    most = max(counts.values())
    return [value for value, count in counts.items() if count == most]


def _shares(truth: list[str]) -> float:
    """Share of the commonest text; nan without texts."""
    return max(Counter(truth).values()) / len(truth) if truth else NAN


def _constant_error_rate(truth: list[str]) -> float:
    """Least character error rate of one answer among the 50 commonest and ''."""
    candidates = ['', *(word for word, _ in Counter(sorted(truth)).most_common(50))]
    return min(character_error_rate([c] * len(truth), truth) for c in candidates)


def _quads(value) -> np.ndarray | None:
    """(N, 4, 2) float64; None if not answered."""
    if value is None:
        return None
    value = value.detach().cpu() if hasattr(value, 'detach') else value
    return np.asarray(value, dtype=np.float64).reshape(-1, 4, 2)


def _true_quads(texts: list[dict]) -> np.ndarray:
    quads = [text['quad'] for text in texts]
    return np.array(quads, dtype=np.float64).reshape(-1, 4, 2)
