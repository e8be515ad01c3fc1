import pytest
import torch

from maxsight_mm.models.task_modules.pseudo_labels import FixedScoreThresholds
from maxsight_mm.registry import TASK_UTILS


def test_one_number_holds_for_all_classes_before_and_after_an_update():
    fixed = TASK_UTILS.build(
        dict(type='FixedScoreThresholds', num_classes=2, thresholds=0.35)
    )
    scores, labels = torch.tensor([0.34, 0.36, 0.9]), torch.tensor([0, 0, 1])
    for _ in range(2):
        fixed.observe(scores, labels)
        assert fixed.keep(scores, labels).tolist() == [False, True, True]
        fixed.update(torch.ones(2))
    assert (fixed.weight(scores, labels) == 1).all()
    assert fixed.status == ['fixed', 'fixed']


def test_each_class_may_have_its_own():
    fixed = FixedScoreThresholds(2, [0.3, 0.6])
    kept = fixed.keep(torch.tensor([0.4, 0.4]), torch.tensor([0, 1]))
    assert kept.tolist() == [True, False]


def test_counts_say_what_was_seen_and_kept_until_they_are_reset():
    fixed = FixedScoreThresholds(3, 0.5)
    fixed.keep(torch.tensor([0.4, 0.6, 0.7]), torch.tensor([0, 0, 2]))
    fixed.keep(torch.zeros(0), torch.zeros(0, dtype=torch.long))
    assert fixed.seen.tolist() == [2, 0, 1]
    assert fixed.kept.tolist() == [1, 0, 1]
    fixed.reset_counts()
    assert fixed.seen.sum() == fixed.kept.sum() == 0


def test_missed_boxes_are_remembered_as_true_boxes_of_score_zero():
    fixed = FixedScoreThresholds(2, 0.5, capacity=4)
    fixed.observe_labelled(
        torch.tensor([0.25, 0.5]),
        torch.tensor([0, 1]),
        torch.tensor([False, True]),
        torch.tensor([2, 1]),
    )
    ring = fixed.labelled
    assert ring.scores[0, :3].tolist() == [0.25, 0, 0]
    assert ring.is_true[0, :3].tolist() == [False, True, True]
    assert ring.scores[1, :2].tolist() == [0.5, 0]
    assert ring.is_true.sum() == 4
    assert fixed.score_memory.isnan().all()


@pytest.mark.parametrize('thresholds', [1.5, -0.1, [0.5], [0.5, float('nan')]])
def test_thresholds_that_make_no_sense_are_refused(thresholds):
    with pytest.raises(ValueError, match='threshold'):
        FixedScoreThresholds(2, thresholds)
