"""Batches in which the views of a part lie side by side."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import torch
from mmengine.dataset import BaseDataset
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import ConcatDataset, Sampler

from ...registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class LinkedViewSampler(Sampler[int]):
    """Endless batches of fixed shares of several data sets, in linked views.

    MMDetection's ``MultiSourceSampler`` for images that have a ``part_id``: every visit
    to a part takes some of its views, none of them twice, and every part is visited
    once before any is visited again. A part with fewer views gives what it has, and
    the place that is left goes to the next part; an image without a ``part_id`` is a
    part of its own.

    Args:
        dataset: A ``ConcatDataset``, or one data set.
        batch_size: Of one process.
        source_ratio: Share of each data set, such as ``[1, 1]``.
        views_per_part: Views in a visit. With 1 every image is a part of its own,
            whatever its ``part_id``: ordinary sampling.
        shuffle: Whether parts and views come in random order.
        seed: Of the order; by default agreed on by all processes.

    Raises:
        ValueError: If a data set is empty or would get no place in the batch, the
            shares do not fit the data sets, or there are fewer parts than processes.
    """

    def __init__(
        self,
        dataset: ConcatDataset | BaseDataset,
        batch_size: int,
        source_ratio: Sequence[float] = (1,),
        views_per_part: int = 2,
        shuffle: bool = True,
        seed: int | None = None,
    ) -> None:
        concat = isinstance(dataset, ConcatDataset)
        sources: list[Any] = list(dataset.datasets) if concat else [dataset]
        if len(source_ratio) != len(sources):
            raise ValueError(
                f'LinkedViewSampler: source_ratio {list(source_ratio)} has '
                f'{len(source_ratio)} shares for {len(sources)} data sets'
            )
        for name, value in (
            ('batch_size', batch_size),
            ('views_per_part', views_per_part),
        ):
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f'LinkedViewSampler: {name} must be an int from 1, got {value!r}'
                )
        self.rank, self.world_size = get_dist_info()
        self.places = _places(batch_size, source_ratio)
        self.parts: list[list[list[int]]] = []
        first = 0
        for index, source in enumerate(sources):
            which = f'{"unlabelled" if index else "labelled"} data set ({index})'
            if not len(source):
                raise ValueError(f'LinkedViewSampler: the {which} has no images')
            parts = _parts(source, first, linked=views_per_part > 1)
            if len(parts) < self.world_size:
                raise ValueError(
                    f'LinkedViewSampler: the {which} has {len(parts)} parts for '
                    f'{self.world_size} processes'
                )
            self.parts.append(parts)
            first += len(source)
        self.size = first
        self.views_per_part = views_per_part
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed

    def __len__(self) -> int:
        """Images of all data sets; the sampling itself does not end."""
        return self.size

    def set_epoch(self, epoch: int) -> None:
        """There are no epochs."""

    def __iter__(self) -> Iterator[int]:
        visits = [
            self._visits(parts, self.seed + index)
            for index, parts in enumerate(self.parts)
        ]
        while True:
            for own, places in zip(visits, self.places, strict=True):
                left = places
                while left:
                    views = next(own)[:left]
                    left -= len(views)
                    yield from views

    def _visits(self, parts: list[list[int]], seed: int) -> Iterator[list[int]]:
        """Views of one part after another; the processes take turns."""
        # All processes draw the same order of parts, each its own views of them.
        order_of = torch.Generator().manual_seed(seed)
        views_of = torch.Generator().manual_seed(seed + 1000 * (self.rank + 1))
        while True:
            for part in _order(len(parts), order_of, self.shuffle)[
                self.rank :: self.world_size
            ]:
                views = parts[part]
                order = _order(len(views), views_of, self.shuffle)
                yield [views[index] for index in order[: self.views_per_part]]


def _order(number: int, generator: torch.Generator, shuffle: bool) -> list[int]:
    if not shuffle:
        return list(range(number))
    return torch.randperm(number, generator=generator).tolist()


def _places(batch_size: int, source_ratio: Sequence[float]) -> list[int]:
    """Images of each data set in a batch; what does not divide goes to the first."""
    total = sum(source_ratio)
    if not all(0 < share < float('inf') for share in source_ratio):
        raise ValueError(
            f'LinkedViewSampler: source_ratio {list(source_ratio)}: each data set '
            'needs a share above 0'
        )
    places = [int(batch_size * share / total) for share in source_ratio]
    places[0] += batch_size - sum(places)
    if min(places) < 1:
        raise ValueError(
            f'LinkedViewSampler: of a batch of {batch_size} the shares '
            f'{list(source_ratio)} give {places} images; each data set needs one'
        )
    return places


def _parts(source: BaseDataset, first: int, linked: bool) -> list[list[int]]:
    """Indices of each part's views in the whole data."""
    if not linked:
        return [[first + index] for index in range(len(source))]
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index in range(len(source)):
        part = source.get_data_info(index).get('part_id')
        key = ('image', index) if part is None else ('part', part)
        found[key].append(first + index)
    return list(found.values())
