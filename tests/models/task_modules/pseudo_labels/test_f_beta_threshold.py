import pytest
import torch
from sklearn.metrics import fbeta_score

from maxsight_mm.models.task_modules.pseudo_labels.f_beta_threshold import (
    f_beta_threshold,
)


@pytest.mark.parametrize('beta', [0.5, 1.0, 2.0])
@pytest.mark.parametrize('seed', range(5))
def test_no_threshold_has_a_larger_f_beta_by_sklearn(beta, seed):
    generator = torch.Generator().manual_seed(seed)
    is_true = torch.rand(60, generator=generator) < 0.4
    scores = torch.rand(60, generator=generator) * 0.7 + 0.3 * is_true
    scores = (scores * 50).round() / 50  # with ties
    missed = 5
    truth = torch.cat([is_true, torch.ones(missed, dtype=torch.bool)])
    padded = torch.cat([scores, -torch.ones(missed)])

    def f_beta(threshold):
        return fbeta_score(truth, padded >= threshold, beta=beta)

    best = max(f_beta(threshold) for threshold in scores.unique())
    found = f_beta_threshold(scores, is_true, missed, beta)
    assert f_beta(found) == pytest.approx(best)


def test_threshold_lies_halfway_to_the_next_score():
    scores = torch.tensor([0.9, 0.2, 0.8])
    is_true = torch.tensor([True, False, True])
    assert f_beta_threshold(scores, is_true) == pytest.approx(0.5)


def test_equal_optima_keep_most():
    # F1 of the best 1, 2, 3, 4 boxes is 2/3, 1/2, 2/5, 2/3.
    scores = torch.tensor([0.9, 0.8, 0.7, 0.6])
    is_true = torch.tensor([True, False, False, True])
    assert f_beta_threshold(scores, is_true) == pytest.approx(0.6)


def test_missed_boxes_make_recall_dear_and_lower_the_threshold():
    scores = torch.tensor([0.9, 0.5, 0.4, 0.3])
    is_true = torch.tensor([True, False, False, True])
    # 0 missed: F2 is 5/9 for one box, 10/12 for all; F0.5 is 1.25/1.5 and 2.5/4.5.
    assert f_beta_threshold(scores, is_true, beta=2.0) == pytest.approx(0.3)
    assert f_beta_threshold(scores, is_true, beta=0.5) == pytest.approx(0.7)
    # 20 missed: 1.25/6.5 for one box, 2.5/9.5 for all.
    assert f_beta_threshold(scores, is_true, 20, beta=0.5) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ('scores', 'is_true'),
    [([], []), ([0.5, 0.6], [False, False]), ([float('nan')], [True])],
    ids=['no box', 'no true box', 'non-finite'],
)
def test_no_evidence_gives_no_threshold(scores, is_true):
    is_true = torch.tensor(is_true, dtype=torch.bool)
    assert f_beta_threshold(torch.tensor(scores), is_true, missed=3) is None


def test_single_true_box_sets_the_threshold():
    found = f_beta_threshold(torch.tensor([0.4]), torch.tensor([True]))
    assert found == pytest.approx(0.4)
