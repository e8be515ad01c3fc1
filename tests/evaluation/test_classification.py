import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    majority_accuracy,
)


@pytest.mark.parametrize('levels', [3, 4])
def test_agrees_with_sklearn(levels):
    metrics = pytest.importorskip('sklearn.metrics')
    rng = np.random.default_rng(levels)
    truth = rng.integers(0, levels - 1, 500)
    answers = np.where(rng.random(500) < 0.6, truth, rng.integers(0, levels, 500))
    confusion = confusion_matrix(truth, answers, levels)
    np.testing.assert_array_equal(
        confusion, metrics.confusion_matrix(truth, answers, labels=range(levels))
    )
    assert accuracy(confusion) == pytest.approx(metrics.accuracy_score(truth, answers))
    recalls = metrics.recall_score(
        truth, answers, average=None, labels=np.unique(truth)
    )
    assert balanced_accuracy(confusion) == pytest.approx(recalls.mean())
    dummy = pytest.importorskip('sklearn.dummy').DummyClassifier(
        strategy='most_frequent'
    )
    baseline = dummy.fit(truth[:, None], truth).score(truth[:, None], truth)
    assert majority_accuracy(confusion) == pytest.approx(baseline)


def test_agrees_with_torchmetrics():
    functional = pytest.importorskip('torchmetrics.functional.classification')
    torch = pytest.importorskip('torch')
    truth, answers = torch.randint(0, 4, (2, 300), generator=torch.manual_seed(0))
    confusion = confusion_matrix(truth.numpy(), answers.numpy(), 4)
    expected = functional.multiclass_confusion_matrix(answers, truth, 4)
    np.testing.assert_array_equal(confusion, expected.numpy())
    expected = functional.multiclass_accuracy(answers, truth, 4, average='macro')
    assert balanced_accuracy(confusion) == pytest.approx(float(expected), abs=1e-6)


def test_hand_worked_rows_are_the_truth():
    confusion = confusion_matrix([0, 0, 0, 2], [0, 1, 0, 2], 3)
    assert confusion.tolist() == [[2, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert accuracy(confusion) == 0.75
    assert balanced_accuracy(confusion) == pytest.approx((2 / 3 + 1) / 2)
    assert majority_accuracy(confusion) == 0.75


def test_empty_is_nan():
    confusion = confusion_matrix([], [], 3)
    for figure in (accuracy, balanced_accuracy, majority_accuracy):
        assert math.isnan(figure(confusion))


def test_single_answer():
    assert balanced_accuracy(confusion_matrix([1], [1], 3)) == 1


def test_level_out_of_range_is_refused():
    with pytest.raises(ValueError, match='answers must lie in'):
        confusion_matrix([0, 1], [0, 3], 3)
    with pytest.raises(ValueError, match='truth must lie in'):
        confusion_matrix([-1], [0], 3)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match='2 true levels but 1 answers'):
        confusion_matrix([0, 1], [0], 3)
