"""Batches in which the views of a part lie side by side."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

import torch
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import ConcatDataset, Dataset, Sampler

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
        views_per_part: Views in a visit; 1 is ordinary sampling.
        shuffle: Whether parts and views come in random order.
        seed: Of the order; by default agreed on by all processes.

    Raises:
        ValueError: If a data set is empty or would get no place in the batch, or the
            shares do not fit the data sets.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        source_ratio: Sequence[float] = (1,),
        views_per_part: int = 2,
        shuffle: bool = True,
        seed: int | None = None,
    ) -> None:
        is_concat = isinstance(dataset, ConcatDataset)
        sources = list(dataset.datasets) if is_concat else [dataset]
        if len(source_ratio) != len(sources):
            raise ValueError(
                f'LinkedViewSampler: source_ratio {list(source_ratio)} has '
                f'{len(source_ratio)} shares for {len(sources)} data sets'
            )
        if views_per_part < 1:
            raise ValueError(
                f'LinkedViewSampler: views_per_part must be 1 or more, got '
                f'{views_per_part}'
            )
        self.rank, self.world_size = get_dist_info()
        self.places = _places(batch_size, source_ratio)
        self.parts: list[list[list[int]]] = []
        first = 0
        for index, source in enumerate(sources):
            parts = _parts(source, first)
            if len(parts) < self.world_size:
                kind = 'unlabelled' if index else 'labelled'
                raise ValueError(
                    f'LinkedViewSampler: data set {index} ({kind}) has {len(parts)} '
                    f'parts for {self.world_size} processes'
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
    places = [int(batch_size * share / total) for share in source_ratio]
    places[0] += batch_size - sum(places)
    if min(places) < 1:
        raise ValueError(
            f'LinkedViewSampler: of a batch of {batch_size} the shares '
            f'{list(source_ratio)} give {places} images; each data set needs one'
        )
    return places


def _parts(source: Dataset, first: int) -> list[list[int]]:
    """Indices of each part's views in the whole data."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index in range(len(source)):
        part = source.get_data_info(index).get('part_id')
        key = ('image', index) if part is None else ('part', part)
        found[key].append(first + index)
    return list(found.values())
