"""Trainings of several configs with several seeds, and the means of their figures."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path
from statistics import mean, stdev

from mmengine.config import Config

FIGURES_FILE = 'last_validation.json'
SETTINGS_FILE = 'settings.json'
# Of detections, and of whole images.
METRIC_PREFIXES = ('det/', 'tasks/')


@dataclass(frozen=True)
class SeedRun:
    """One training of a config with one seed, in a folder of its own.

    ``options`` are its own ``--cfg-options``.
    """

    config: Path
    seed: int
    folder: Path
    options: tuple[str, ...] = ()

    @property
    def figures(self) -> dict[str, float] | None:
        """Figures of the validation that ended the training; None if not there yet."""
        path = self.folder / FIGURES_FILE
        return json.loads(path.read_text()) if path.is_file() else None


def plan_runs(
    configs: Sequence[Path], seeds: Sequence[int], out_dir: Path
) -> list[SeedRun]:
    """Every config with the first seed, then every one with the second...

    Raises:
        FileNotFoundError: If a config is missing.
        ValueError: If two configs have one name.
    """
    for config in configs:
        if not config.is_file():
            raise FileNotFoundError(f'config {config} does not exist')
    if len({config.stem for config in configs}) < len(configs):
        raise ValueError('two configs have one name; their runs would share a folder')
    return [
        SeedRun(config, seed, out_dir / config.stem / f'seed{seed}')
        for seed in seeds
        for config in configs
    ]


def train_missing(
    runs: Sequence[SeedRun], train_script: Path, options: Sequence[str], jobs: int
) -> Iterator[tuple[SeedRun, int]]:
    """Train the runs that have no figures yet, ``jobs`` at a time.

    An interrupted run goes on from its newest checkpoint. Each run's output is in
    ``train.log`` in its folder, its options and a digest of its config in
    ``settings.json``.

    Yields:
        Each run when it has ended, with its exit status.

    Raises:
        ValueError: If a folder holds a run with another config or other options.
    """
    threads = max(1, (os.cpu_count() or 1) // jobs)
    for run in runs:
        _write_settings(run, options)

    def train(run: SeedRun) -> tuple[SeedRun, int]:
        run.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, train_script, run.config, '--work-dir', run.folder]
        if (run.folder / 'last_checkpoint').is_file():
            command.append('--resume')
        command += ['--cfg-options', f'randomness.seed={run.seed}']
        command += [*run.options, *options]
        environment = os.environ | {
            'OMP_NUM_THREADS': str(threads),
            # Threads that spin long while they wait take the cores from other work:
            # ten times slower beside one more process. A short spin costs nothing.
            'GOMP_SPINCOUNT': '10000',
        }
        with (run.folder / 'train.log').open('a') as log:
            status = subprocess.run(
                [str(part) for part in command],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if status == 0:
            figures = last_validation(run.folder)
            (run.folder / FIGURES_FILE).write_text(json.dumps(figures, indent=2))
        return run, status

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(train, [run for run in runs if run.figures is None])


def _write_settings(run: SeedRun, options: Sequence[str]) -> None:
    """Note what a folder's run is, or refuse another in the same place."""
    text = Config.fromfile(run.config).dump()
    settings = {
        'config': sha256(text.encode()).hexdigest()[:12],
        'options': [*run.options, *options],
    }
    path = run.folder / SETTINGS_FILE
    if not path.is_file():
        run.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    elif json.loads(path.read_text()) != settings:
        raise ValueError(
            f'{run.folder} holds a run with another config or other options: choose '
            'another --out-dir, or remove it'
        )


def last_validation(folder: Path) -> dict[str, float]:
    """Figures that the newest validation logged in a run's folder.

    Raises:
        ValueError: If no validation is logged.
    """
    for path in sorted(folder.glob('*/vis_data/scalars.json'), reverse=True):
        for line in reversed(path.read_text().splitlines()):
            figures = json.loads(line)
            if any(name.startswith(METRIC_PREFIXES) for name in figures):
                return figures
    raise ValueError(f'{folder}: no validation is logged')


def mean_and_spread(values: Sequence[float]) -> str:
    """``mean ± standard deviation`` over seeds; the deviation needs two of them.

    A value that is not finite, as the precision of a class that was never answered, is
    left out: ``0.250 (1 of 3)``; ``-`` where nothing is left.
    """
    known = [value for value in values if isfinite(value)]
    if not known:
        return '-'
    text = f'{mean(known):.3f}'
    if len(known) > 1:
        text += f' ± {stdev(known):.3f}'
    return (
        text if len(known) == len(values) else f'{text} ({len(known)} of {len(values)})'
    )


def seed_tables(runs: Sequence[SeedRun], prefix: str) -> list[list[list[str]]]:
    """Tables of text: a head, then each config's means over its finished seeds.

    Configs whose figures have the same names share a table; one that has none yet is
    in each of them.

    Args:
        runs: As of ``plan_runs``.
        prefix: Figures that start with it are the columns, as ``det/AP/``; a name in
            full is one column.
    """
    found: dict[str, list[dict[str, float]]] = {}
    for run in runs:
        own = found.setdefault(run.config.stem, [])
        if (figures := run.figures) is not None:
            own.append(figures)
    tables: dict[tuple[str, ...], list[list[str]]] = {}
    for stem, own in found.items():
        names = sorted(
            name
            for name in set().union(*own)
            if name == prefix or prefix.endswith('/') and name.startswith(prefix)
        )
        # Of an interrupted comparison some runs may be of an older version.
        cells = [mean_and_spread([e[n] for e in own if n in e]) for n in names]
        row = [stem, str(len(own)), *cells]
        tables.setdefault(tuple(names), []).append(row)
    unfinished = [[stem, '0', '-'] for stem, own in found.items() if not own]
    tables.pop((), None)
    heads = [['config', 'seeds', *(n.rsplit('/', 1)[-1] for n in k)] for k in tables]
    return [
        [head, *rows, *(row + ['-'] * (len(head) - 3) for row in unfinished)]
        for head, rows in zip(heads, tables.values(), strict=True)
    ]
