import torch

from maxsight_mm.models.task_modules.pseudo_labels.score_ring import ScoreRing


def add(ring, scores, labels, num_views=1):
    truth = torch.zeros(len(scores), dtype=torch.bool)
    ring.add(torch.tensor(scores), torch.tensor(labels).long(), truth, num_views)


def stored(ring):
    scores, views = ring.recent()
    return [
        row[row.isfinite()].sort().values.tolist() for row in scores
    ], views.tolist()


def test_each_class_keeps_its_own_scores_and_counts_all_views():
    ring = ScoreRing(2, 4, 100)
    add(ring, [0.25, 0.5, 0.75], [1, 0, 1], num_views=3)
    add(ring, [], [], num_views=2)
    assert stored(ring) == ([[0.5], [0.25, 0.75]], [5, 5])


def test_full_ring_drops_the_oldest_and_counts_only_the_views_it_spans():
    ring = ScoreRing(2, 2, 100)
    for score in (0.125, 0.25, 0.5):
        add(ring, [score], [0], num_views=10)
    assert stored(ring) == ([[0.25, 0.5], []], [20, 30])


def test_old_scores_are_forgotten():
    ring = ScoreRing(1, 10, 5)
    add(ring, [0.25], [0], num_views=3)
    add(ring, [0.5], [0], num_views=3)
    assert stored(ring) == ([[0.5]], [5])


def test_more_scores_than_the_ring_holds_keep_the_last():
    ring = ScoreRing(1, 2, 100)
    add(ring, [0.125, 0.25, 0.5], [0, 0, 0])
    assert stored(ring) == ([[0.25, 0.5]], [1])


def test_truth_stays_with_its_score():
    ring = ScoreRing(2, 3, 100)
    ring.add(
        torch.tensor([0.25, 0.5, 0.75]),
        torch.tensor([1, 0, 1]),
        torch.tensor([True, False, False]),
        1,
    )
    assert ring.is_true[1][ring.scores[1] == 0.25].tolist() == [True]
    assert ring.is_true.sum() == 1
