"""Which predictions a decision can be fitted on, and which it can be judged on."""

from collections.abc import Sequence

import numpy as np

from .task_predictions import PredictionsError, TaskAnswers, TaskPredictions


def unsafe_labels(classes: Sequence[str], unsafe: Sequence[str]) -> tuple[int, ...]:
    """Labels of the unsafe classes, rising.

    Raises:
        PredictionsError: If a name is no class, or all classes or none are unsafe.
    """
    for name in unsafe:
        if name not in classes:
            raise PredictionsError(f'no class {name!r}; known: {", ".join(classes)}')
    labels = tuple(sorted({list(classes).index(name) for name in unsafe}))
    if not 0 < len(labels) < len(classes):
        raise PredictionsError(
            f'some but not all of {", ".join(classes)} must be unsafe, '
            f'got {", ".join(unsafe) or "none"}'
        )
    return labels


def check_both_kinds(
    who: str, answers: TaskAnswers, unsafe: tuple[int, ...], least: int
) -> None:
    """Refuse images of which too few are safe or unsafe.

    Raises:
        PredictionsError: If there are fewer than ``least`` of either.
    """
    num_unsafe = int(np.isin(answers.labels, unsafe).sum())
    num_safe = len(answers) - num_unsafe
    if min(num_safe, num_unsafe) < least:
        raise PredictionsError(
            f'{who}: at least {least} safe and {least} unsafe labelled images are '
            f'needed, got {num_safe} safe and {num_unsafe} unsafe'
        )


def check_same_model(
    judged: TaskPredictions, calibrate: TaskPredictions, task: str
) -> None:
    """Refuse predictions that what was fitted on the others does not hold for.

    Raises:
        PredictionsError: If the models, classes or activations differ, or the two
            share an image.
    """
    if None not in (judged.model, calibrate.model) and judged.model != calibrate.model:
        raise PredictionsError(
            f'the predictions are of model {judged.model}, those to calibrate on of '
            f'{calibrate.model}'
        )
    own, other = judged.task(task), calibrate.task(task)
    for what in ('classes', 'activation'):
        if getattr(own, what) != getattr(other, what):
            raise PredictionsError(
                f'{what} of {task} differ: {getattr(own, what)} in the predictions, '
                f'{getattr(other, what)} in those to calibrate on'
            )
    shared = np.intersect1d(own.img_paths, other.img_paths)
    if shared.size:
        raise PredictionsError(
            f'{shared.size} images are in both files, {shared[0]} for one: a threshold '
            'is judged on images it was not chosen on'
        )
