import math

import pytest

from maxsight_mm.evaluation.functional import (
    bleu4,
    character_error_rate,
    edit_distance,
    token_f1,
    word_accuracy,
)


@pytest.mark.parametrize(
    ('a', 'b', 'distance'),
    [('kitten', 'sitting', 3), ('', 'abc', 3), ('abc', '', 3), ('EXIT', 'EXIT', 0)],
)
def test_edit_distance_of_known_pairs(a, b, distance):
    assert edit_distance(a, b) == distance


def test_character_error_rate_weighs_by_length():
    assert character_error_rate(['BUS', 'X'], ['BUS', 'TAXI']) == 3 / 7


def test_word_accuracy_counts_exact_readings():
    assert word_accuracy(['BUS', 'TAX'], ['BUS', 'TAXI']) == 0.5


def test_token_f1_counts_repeated_words_once_each():
    # shares {a, car}: precision 2 / 4, recall 2 / 3
    assert token_f1('a car a dog', 'A car ahead.') == pytest.approx(4 / 7)
    assert token_f1('', 'a car') == 0


def test_bleu_of_a_hand_worked_pair():
    answer = 'a red car stands ahead'
    truth = 'a red car stands on the left'
    # 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 runs of four
    expected = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25 * math.exp(1 - 7 / 5)
    assert bleu4([answer], [truth]) == pytest.approx(expected)


def test_right_captions_have_the_best_bleu_and_empty_ones_the_worst():
    truth = ['a person walks ahead', 'two cars on the left side']
    assert bleu4(truth, truth) == 1
    assert bleu4(['', ''], truth) == 0


def test_nothing_gives_nan():
    figures = [character_error_rate([], []), word_accuracy([], []), bleu4([], [])]
    assert all(map(math.isnan, figures))
