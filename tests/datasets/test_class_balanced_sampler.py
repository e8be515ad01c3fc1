from collections import Counter

import pytest

from maxsight_mm.datasets.samplers import ClassBalancedSampler


class Labelled:
    """A data set of nothing but labels."""

    def __init__(self, labels, tasks):
        self.labels = labels
        self.metainfo = dict(tasks=tasks)

    def __len__(self):
        return len(self.labels)

    def get_data_info(self, index):
        label = self.labels[index]
        return dict(gt_tasks={} if label is None else dict(risk=label))


RISK = dict(risk=('safe', 'unsafe'))


def drawn(labels, epochs=20, **settings):
    data = Labelled(labels, RISK)
    sampler = ClassBalancedSampler(data, seed=0, **settings)
    counts = Counter()
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        indices = list(sampler)
        assert len(indices) == len(sampler) == len(labels)
        counts.update(labels[index] for index in indices)
    return counts


def test_classes_are_drawn_equally_often():
    counts = drawn([0] * 95 + [1] * 5)
    assert counts[1] / counts.total() == pytest.approx(0.5, abs=0.04)


def test_with_a_power_of_half_by_the_root_of_their_number():
    counts = drawn([0] * 90 + [1] * 10, power=0.5)
    # sqrt(90) : sqrt(10) = 3 : 1
    assert counts[1] / counts.total() == pytest.approx(0.25, abs=0.03)


def test_unlabelled_pictures_are_drawn_as_often_as_the_mean_one():
    counts = drawn([0] * 60 + [1] * 20 + [None] * 20)
    assert counts[None] / counts.total() == pytest.approx(0.2, abs=0.03)


def test_an_epoch_is_drawn_again_alike_and_the_next_differs():
    data = Labelled([0] * 20 + [1] * 5, RISK)
    one, other = (ClassBalancedSampler(data, seed=3) for _ in range(2))
    first = list(one)
    assert first == list(other)
    one.set_epoch(1)
    assert list(one) != first


def test_ranks_share_an_epoch(monkeypatch):
    data = Labelled([0] * 7 + [1] * 4, RISK)
    parts = []
    for rank in range(2):
        monkeypatch.setattr(
            'maxsight_mm.datasets.samplers.class_balanced_sampler.get_dist_info',
            lambda rank=rank: (rank, 2),
        )
        parts.append(list(ClassBalancedSampler(data, seed=0)))
    assert [len(part) for part in parts] == [6, 6]
    assert parts[0] != parts[1]


@pytest.mark.parametrize('settings', [dict(task='rsk'), dict(power=2)])
def test_bad_settings_are_refused(settings):
    with pytest.raises(ValueError, match='ClassBalancedSampler'):
        ClassBalancedSampler(Labelled([0, 1], RISK), seed=0, **settings)


def test_of_several_tasks_one_is_named():
    tasks = dict(RISK, other=('a', 'b'))
    with pytest.raises(ValueError, match='task must be one of risk, other'):
        ClassBalancedSampler(Labelled([0, 1], tasks), seed=0)
