"""Batches of linked views: shares, order, what is left over, ranks, bad settings."""

from itertools import islice

import pytest
from mmengine.dataset import BaseDataset, ConcatDataset

from maxsight_mm.datasets.samplers import LinkedViewSampler, linked_view_sampler
from maxsight_mm.registry import DATA_SAMPLERS


class Parts(BaseDataset):
    """``views[i]`` views of part i; ``singles`` more images have no part."""

    def __init__(self, views, singles=0):
        self.records = [{'part_id': i} for i, n in enumerate(views) for _ in range(n)]
        self.records += [{} for _ in range(singles)]
        # Serialised, an empty one is refused before the sampler sees it.
        super().__init__(serialize_data=False)

    def load_data_list(self):
        return [dict(record) for record in self.records]


def sampled(dataset, number, **settings):
    """The first ``number`` indices, and a part for each of them."""
    sampler = LinkedViewSampler(dataset, **{'seed': 0, **settings})
    indices = list(islice(sampler, number))
    return indices, [dataset.get_data_info(i).get('part_id', -1 - i) for i in indices]


def test_batch_has_each_sources_share_in_the_order_of_the_sources():
    dataset = ConcatDataset([Parts([2] * 6), Parts([2] * 9)])
    indices, _ = sampled(dataset, 60, batch_size=6, source_ratio=[1, 2])
    for start in range(0, 60, 6):
        assert [i >= 12 for i in indices[start : start + 6]] == [False] * 2 + [True] * 4


@pytest.mark.parametrize(
    ('batch_size', 'ratio', 'places'),
    [(5, [1, 1], [3, 2]), (8, [1, 3], [2, 6]), (10, [0.3, 0.7], [3, 7])],
)
def test_what_does_not_divide_goes_to_the_first_source(batch_size, ratio, places):
    dataset = ConcatDataset([Parts([1] * 4), Parts([1] * 4)])
    sampler = LinkedViewSampler(dataset, batch_size=batch_size, source_ratio=ratio)
    assert sampler.places == places


def test_two_different_views_of_a_part_lie_side_by_side():
    indices, parts = sampled(Parts([5] * 7), 140, batch_size=4, views_per_part=2)
    assert parts[::2] == parts[1::2]
    assert all(a != b for a, b in zip(indices[::2], indices[1::2], strict=True))


def test_every_part_comes_once_a_round_in_an_order_that_changes():
    _, parts = sampled(Parts([3] * 7), 28, batch_size=4, views_per_part=2)
    first, second = parts[:14:2], parts[14::2]
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second


def test_all_views_of_a_part_are_drawn_over_the_rounds():
    indices, _ = sampled(Parts([4] * 3), 480, batch_size=4, views_per_part=2)
    # 40 expected; the standard deviation is 4.5.
    assert min(indices.count(i) for i in range(12)) > 20


def test_place_of_a_missing_view_goes_to_the_next_part():
    # Fewer images than one round has.
    indices, parts = sampled(Parts([1, 2, 1, 2, 2] * 8), 48, batch_size=4)
    assert len(set(indices)) == 48
    batches = [parts[i : i + 4] for i in range(0, 48, 4)]
    assert all(batch == sorted(batch, key=batch.index) for batch in batches)
    assert min(len(set(batch)) for batch in batches) == 2
    assert sum(len(set(batch)) for batch in batches) == len(set(parts))


def test_more_views_than_places_fill_the_batch_with_one_part():
    _, parts = sampled(Parts([8] * 3), 12, batch_size=4, views_per_part=8)
    assert [len(set(parts[i : i + 4])) for i in (0, 4, 8)] == [1, 1, 1]
    assert sorted(parts[::4]) == [0, 1, 2]


def test_images_without_part_are_parts_of_their_own():
    indices, _ = sampled(Parts([], singles=6), 12, batch_size=3)
    assert sorted(indices[:6]) == sorted(indices[6:]) == list(range(6))


def test_one_view_a_part_visits_every_image_once_a_round():
    indices, _ = sampled(Parts([3, 1, 2]), 12, batch_size=2, views_per_part=1)
    assert sorted(indices[:6]) == sorted(indices[6:]) == list(range(6))


def test_equal_part_ids_of_two_sources_are_two_parts():
    dataset = ConcatDataset([Parts([2]), Parts([2])])
    indices, _ = sampled(dataset, 8, batch_size=4, source_ratio=[1, 1])
    assert [sorted(indices[i : i + 2]) for i in (0, 2)] == [[0, 1], [2, 3]]


def test_order_is_that_of_the_seed():
    settings = dict(number=30, batch_size=4)
    dataset = Parts([2] * 9)
    assert sampled(dataset, **settings) == sampled(dataset, **settings)
    assert sampled(dataset, **settings) != sampled(dataset, **settings, seed=1)


def test_unshuffled_order_is_that_of_the_files():
    indices, _ = sampled(Parts([2, 3]), 4, batch_size=4, shuffle=False)
    assert indices == [0, 1, 2, 3]


@pytest.mark.parametrize('number', [6, 7])
def test_ranks_divide_the_parts_of_a_round(number, monkeypatch):
    dataset, seen = Parts([2] * number), []
    for rank in (0, 1):
        monkeypatch.setattr(
            linked_view_sampler, 'get_dist_info', lambda rank=rank: (rank, 2)
        )
        own = len(range(number)[rank::2])
        seen.append(set(sampled(dataset, 2 * own, batch_size=2)[1]))
    assert not seen[0] & seen[1]
    assert seen[0] | seen[1] == set(range(number))


def test_length_is_the_number_of_images():
    dataset = ConcatDataset([Parts([2]), Parts([2], singles=3)])
    sampler = DATA_SAMPLERS.build(
        dict(type='LinkedViewSampler', batch_size=2, source_ratio=[1, 1]),
        default_args=dict(dataset=dataset),
    )
    assert len(sampler) == 7


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(source_ratio=[1]), r'source_ratio \[1\] has 1 shares for 2 data sets'),
        (dict(source_ratio=[1, 0]), 'each data set needs a share above 0'),
        (dict(source_ratio=[3, -1]), 'each data set needs a share above 0'),
        (dict(source_ratio=[float('nan'), 1]), 'each data set needs a share above 0'),
        (dict(source_ratio=[9, 1]), r'give \[4, 0\] images; each data set needs one'),
        (dict(views_per_part=0), 'views_per_part must be an int from 1, got 0'),
        (dict(views_per_part=1.5), 'views_per_part must be an int from 1, got 1.5'),
        (dict(batch_size=0), 'batch_size must be an int from 1, got 0'),
    ],
)
def test_bad_settings_are_one_line(settings, message):
    dataset = ConcatDataset([Parts([2] * 3), Parts([2] * 3)])
    with pytest.raises(ValueError, match=message) as caught:
        LinkedViewSampler(
            dataset, **{'batch_size': 4, 'source_ratio': [1, 1]} | settings
        )
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(('sizes', 'kind'), [((2, 0), 'un'), ((0, 2), '')])
def test_an_empty_source_is_named(sizes, kind):
    dataset = ConcatDataset([Parts([1] * size) for size in sizes])
    with pytest.raises(ValueError, match=rf'the {kind}labelled data set .* no images'):
        LinkedViewSampler(dataset, batch_size=4, source_ratio=[1, 1])


def test_absent_unlabelled_data_are_an_error():
    with pytest.raises(ValueError, match='2 shares for 1 data sets'):
        LinkedViewSampler(Parts([2] * 3), batch_size=4, source_ratio=[1, 1])


def test_fewer_parts_than_processes_are_an_error(monkeypatch):
    monkeypatch.setattr(linked_view_sampler, 'get_dist_info', lambda: (0, 4))
    with pytest.raises(ValueError, match='has 3 parts for 4 processes'):
        LinkedViewSampler(Parts([2] * 3), batch_size=2)
