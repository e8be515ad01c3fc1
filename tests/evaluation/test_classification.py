import math

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.classification import (
    accuracy,
    balanced_accuracy,
    class_scores,
    confusion_matrix,
    macro_mean,
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


def spread(num_classes, seed, num=400):
    """Truth and answers, in which the last class is neither."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, num_classes - 1, num)
    other = rng.integers(0, num_classes - 1, num)
    return truth, np.where(rng.random(num) < 0.6, truth, other)


@pytest.mark.parametrize('num_classes', [3, 5])
@pytest.mark.parametrize('never', [None, 'answered', 'true'])
def test_class_scores_agree_with_sklearn(num_classes, never):
    metrics = pytest.importorskip('sklearn.metrics')
    truth, answers = spread(num_classes, num_classes)
    if never == 'answered':
        answers[answers == 0] = 1
    if never == 'true':
        truth[truth == 0] = 1
    scores = class_scores(confusion_matrix(truth, answers, num_classes))
    for average in (None, 'macro'):
        *expected, _ = metrics.precision_recall_fscore_support(
            truth,
            answers,
            labels=range(num_classes),
            average=average,
            zero_division=np.nan,
        )
        ours = scores if average is None else [macro_mean(each) for each in scores]
        np.testing.assert_allclose(ours, expected, atol=1e-12)


def test_class_scores_agree_with_torchmetrics():
    functional = pytest.importorskip('torchmetrics.functional.classification')
    torch = pytest.importorskip('torch')
    truth, answers = spread(4, 0)
    # The last class is in neither, where torchmetrics gives 0.
    scores = class_scores(confusion_matrix(truth, answers, 4))
    for kind, ours in scores._asdict().items():
        name = 'multiclass_' + ('f1_score' if kind == 'f1' else kind)
        for average in ('none', 'macro'):
            expected = getattr(functional, name)(
                torch.from_numpy(answers), torch.from_numpy(truth), 4, average=average
            )
            own = np.nan_to_num(ours) if average == 'none' else macro_mean(ours)
            np.testing.assert_allclose(own, expected.numpy(), atol=1e-6)


def test_hand_worked_class_scores():
    # truth 0 0 0 1, answers 0 0 1 1, and a class that is neither
    scores = class_scores(confusion_matrix([0, 0, 0, 1], [0, 0, 1, 1], 3))
    np.testing.assert_allclose(scores.precision, [1, 1 / 2, np.nan])
    np.testing.assert_allclose(scores.recall, [2 / 3, 1, np.nan])
    np.testing.assert_allclose(scores.f1, [4 / 5, 2 / 3, np.nan])
    assert macro_mean(scores.f1) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_undefined_class_scores_are_nan_and_wrong_ones_zero():
    # Class 0 is true but never answered, class 1 the other way round.
    scores = class_scores(confusion_matrix([0, 0], [1, 1], 2))
    np.testing.assert_array_equal(scores.precision, [np.nan, 0])
    np.testing.assert_array_equal(scores.recall, [0, np.nan])
    np.testing.assert_array_equal(scores.f1, [0, 0])
    empty = class_scores(confusion_matrix([], [], 2))
    assert np.isnan(np.stack(empty)).all()
    assert math.isnan(macro_mean(empty.f1))
