"""From the labels of the samples to the targets of the context heads.

Labels of the whole image become (B, ...) targets, labels of objects (B, M, ...)
ones, padded to the most objects of an image. Nothing is derived here: what a head
learns from stands in the sample, where the pipeline put it.
"""

from collections.abc import Collection

import torch
from torch import Tensor

from maxsight_mm.structures import Target, TaskSample

# Fields of gt_tasks that label pairs of objects, (N, N, ...) in the order of the boxes.
PAIR_FIELDS = ('relation_labels',)


@torch.no_grad()
def context_targets(
    samples: list[TaskSample], wanted: Collection[str], device: torch.device
) -> dict[str, Target]:
    """Targets by name, of those that some sample labels.

    A field of ``gt_tasks`` gives a (B, ...) target. A field of ``gt_instances``
    gives a (B, M, ...) one in the order of the boxes. A number that is nan, or an
    integer below 0, is unlabelled; for maps and vectors, an image is labelled if
    any of its numbers is, and the head's loss leaves out the others. Maps (C, h, w)
    of images of several sizes are padded at the right and below, as the images are.
    A field of ``PAIR_FIELDS`` gives (B, M, M, ...), with M as for ``gt_instances``.

    Args:
        samples: One an image.
        wanted: Names of the targets.
        device: Where the targets go.

    Raises:
        ValueError: If the samples of a batch label one name in different shapes, or
            label pairs of another number of objects than there are boxes.
    """
    targets = {}
    for name in wanted:
        if any(name in s.get('gt_tasks', ()) for s in samples):
            column = [
                s.gt_tasks.get(name) if 'gt_tasks' in s else None for s in samples
            ]
            if name in PAIR_FIELDS:
                targets[name] = _of_pairs(name, column, samples, device)
            else:
                targets[name] = _of_images(name, column, device)
        elif any(name in s.get('gt_instances', ()) for s in samples):
            targets[name] = _of_objects(name, samples, device)
    return targets


def _of_images(name: str, column: list[Tensor | None], device) -> Target:
    known = [value for value in column if value is not None]
    for value in known:
        if not isinstance(value, Tensor):
            raise ValueError(f'label {name!r} must be a tensor, got {value!r}')
    shapes = {tuple(value.shape) for value in known}
    # Only maps (C, h, w) may differ, and they in height and width.
    kinds = {s[:1] if len(s) == 3 else s for s in shapes}
    if len(kinds) > 1 or len({len(s) for s in shapes}) > 1:
        raise ValueError(f'label {name!r} has several shapes in a batch: {shapes}')
    shape = [max(sides) for sides in zip(*shapes, strict=True)]
    values = known[0].new_full((len(column), *shape), _unknown(known[0]), device=device)
    for row, own in zip(values, column, strict=True):
        if own is not None:
            row[tuple(slice(side) for side in own.shape)] = own.to(device)
    if values.shape[1:] == (1,):  # a number of the image
        values = values[:, 0]
    return Target(values, _is_labelled(values, lead=1))


def _of_objects(name: str, samples: list[TaskSample], device) -> Target:
    most = max(len(s.gt_instances) for s in samples)
    like = next(s.gt_instances[name] for s in samples if name in s.gt_instances)
    shape = (len(samples), most, *like.shape[1:])
    values = torch.full(shape, _unknown(like), dtype=like.dtype, device=device)
    for row, sample in zip(values, samples, strict=True):
        if name in sample.gt_instances:
            row[: len(sample.gt_instances)] = sample.gt_instances[name].to(device)
    return Target(values, _is_labelled(values, lead=2))


def _of_pairs(
    name: str, column: list[Tensor | None], samples: list[TaskSample], device
) -> Target:
    counts = [len(sample.gt_instances) for sample in samples]
    like = next(value for value in column if value is not None)
    shape = (len(samples), max(counts), max(counts), *like.shape[2:])
    values = torch.full(shape, _unknown(like), dtype=like.dtype, device=device)
    for row, count, value in zip(values, counts, column, strict=True):
        if value is None:
            continue
        if tuple(value.shape[:2]) != (count, count):
            raise ValueError(
                f'label {name!r} must be of {count} x {count} pairs of boxes, '
                f'got {tuple(value.shape)}'
            )
        row[:count, :count] = value.to(device)
    return Target(values, _is_labelled(values, lead=3))


def _unknown(like: Tensor) -> float | int:
    return float('nan') if like.is_floating_point() else -1


def _is_labelled(values: Tensor, lead: int) -> Tensor:
    """Bool of the first ``lead`` sides: whether any number there is known."""
    labelled = values.isfinite() if values.is_floating_point() else values >= 0
    return labelled if labelled.ndim == lead else labelled.flatten(lead).any(lead)
