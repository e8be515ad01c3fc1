"""Writes the incidents as pictures and a table of labels."""

import csv
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from ..set_folder import new_set, show_progress
from .incident_world import TASKS, draw_incident

# Of training, by task: shares that sum to anything.
SHARES = {
    'action_class': (10, 8, 5, 3, 2, 1),
    'severity': (1000, 100, 10, 1),
    'offence': (5, 1, 3),
}
UNLABELLED = 0.05


@dataclass(frozen=True)
class IncidentSetSettings:
    """What a set depends on.

    Attributes:
        train: Pictures with the shares above; 5 % of the cells are empty.
        val: Pictures in which the classes of each task are equally frequent.
        seed: Which ones.
        world: Version of how they are drawn.
    """

    train: int = 4000
    val: int = 900
    seed: int = 0
    world: int = 2


def labels_of(total: int, shares: tuple[float, ...]) -> np.ndarray:
    """(total,) int labels with these shares, to the picture; every class has one.

    Raises:
        ValueError: If there are fewer pictures than classes.
    """
    if total < len(shares):
        raise ValueError(f'{total} pictures cannot show {len(shares)} classes')
    counts = np.maximum(np.round(total * np.array(shares) / sum(shares)), 1).astype(int)
    # One by one from whichever is the largest: of few pictures a class could vanish.
    while counts.sum() != total:
        counts[np.argmax(counts)] += 1 if counts.sum() < total else -1
    return np.repeat(np.arange(len(shares)), counts)


def write_incident_set(
    out: Path, settings: IncidentSetSettings, overwrite: bool = False
) -> bool:
    """Write ``images/`` and ``labels.csv``; False if the set was there.

    Raises:
        FileExistsError: If something else is at the place.
        ValueError: If there are fewer pictures than classes.
    """
    record = {'world': 'incidents', **asdict(settings)}
    with new_set(out, record, overwrite) as folder:
        if folder is None:
            return False
        (folder / 'images').mkdir()
        rows = []
        for code, (split, total) in enumerate(
            (('train', settings.train), ('val', settings.val))
        ):
            if total:
                rows += _write_split(folder, split, total, (settings.seed, code))
        with (folder / 'labels.csv').open('w', newline='', encoding='utf-8') as file:
            writer = csv.DictWriter(file, ['path', 'split', *TASKS])
            writer.writeheader()
            writer.writerows(rows)
    return True


def _write_split(folder: Path, split: str, total: int, seed: tuple) -> list[dict]:
    rng = np.random.default_rng(seed)
    columns = {}
    for task, names in TASKS.items():
        shares = SHARES[task] if split == 'train' else (1,) * len(names)
        columns[task] = rng.permutation(labels_of(total, shares))
    rows = []
    started = time.monotonic()
    for index in range(total):
        labels = {task: int(column[index]) for task, column in columns.items()}
        path = f'images/{split}_{index:05d}.png'
        picture = draw_incident(labels, (*seed, index))
        if not cv2.imwrite(str(folder / path), picture):
            raise OSError(f'{folder / path}: cannot be written')
        cells = {task: TASKS[task][label] for task, label in labels.items()}
        if split == 'train':
            cells = _with_gaps(cells, rng)
        rows.append({'path': path, 'split': split, **cells})
        show_progress(split, index + 1, total, started)
    return rows


def _with_gaps(names: dict[str, str], rng: np.random.Generator) -> dict[str, str]:
    """Some cells are empty, but not those of the rarest severities."""
    kept = rng.random(len(names)) >= UNLABELLED
    rare = names['severity'] in TASKS['severity'][2:]
    return {
        task: name if keep or (rare and task == 'severity') else ''
        for (task, name), keep in zip(names.items(), kept, strict=True)
    }
