"""Draws pictures so that the classes of a task are seen more evenly."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from ...registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class ClassBalancedSampler(Sampler[int]):
    """An epoch of as many draws as there are pictures, rare classes more often.

    A picture is drawn, with replacement, in proportion to n_k ** -power of its class. A
    picture without a label of the task is drawn as often as the mean picture.

    Args:
        dataset: Its records have ``gt_tasks``.
        task: Whose classes are balanced; the only one if not given.
        power: 1 draws all classes equally often, 0 as they are.
        seed: Of the draws; by default agreed on by all processes.

    Raises:
        ValueError: If the task is unknown or not named, or power is not in [0, 1].
    """

    def __init__(
        self,
        dataset: Any,
        task: str | None = None,
        power: float = 1.0,
        seed: int | None = None,
    ) -> None:
        tasks = dataset.metainfo.get('tasks', {})
        if task is None and len(tasks) == 1:
            task = next(iter(tasks))
        if task not in tasks:
            raise ValueError(
                f'ClassBalancedSampler: task must be one of {", ".join(tasks)}, '
                f'got {task!r}'
            )
        if not 0 <= power <= 1:
            raise ValueError(f'ClassBalancedSampler: power must be in [0, 1]: {power}')
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.epoch = 0
        labels = np.array(
            [
                dataset.get_data_info(index)['gt_tasks'].get(task, -1)
                for index in range(len(dataset))
            ]
        )
        self.total = len(labels)
        self.shares = torch.from_numpy(_shares(labels, power))

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        drawn = torch.multinomial(
            self.shares, len(self) * self.world_size, True, generator=generator
        )
        return iter(drawn[self.rank :: self.world_size].tolist())

    def __len__(self) -> int:
        return -(-self.total // self.world_size)

    def set_epoch(self, epoch: int) -> None:
        """Other draws in each epoch, the same on every rank."""
        self.epoch = epoch


def _shares(labels: np.ndarray, power: float) -> np.ndarray:
    """(N,) float64 that sum to 1."""
    known = labels >= 0
    counts = np.bincount(labels[known])
    weight = np.ones(len(labels))
    weight[known] = counts[labels[known]] ** -float(power)
    if known.any():
        weight[~known] = weight[known].mean()
    return weight / weight.sum()
