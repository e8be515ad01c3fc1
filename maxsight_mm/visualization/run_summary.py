"""All figures and circumstances of a finished run, as one plain mapping.

What is missing is named in ``missing`` and left ``None``. Nothing found in a run's
folder is executed: of the dumped config only literals are read, and no checkpoint is
opened. No absolute path gets in, so that the summary can be passed on.
"""

import ast
import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .headline import headline
from .learning_curves import History, loss_keys, read_history
from .provenance import git_commit, hardware, versions

FORMAT = 1
STAGES_FILE = 'demo/stages.json'
# kind -> its most important key
TABLES = {'det': 'classes', 'safety': 'confusion', 'calibration': 'bins'}
# Only tiers with context heads have them.
CONTEXT_TABLE = {'tasks': 'tasks'}


def summarize_run(work_dir: Path, evaluation_dir: Path | None = None) -> dict:
    """Reads a work directory.

    Args:
        work_dir: Folder of a training, a test or both.
        evaluation_dir: Folder of the metrics' JSON files; ``work_dir/evaluation``
            if not given.

    Returns:
        The content of ``report.json``.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If the folder holds neither a training nor a test, or a file of
            it is damaged.
    """
    if not work_dir.is_dir():
        raise FileNotFoundError(f'{work_dir} is no folder')
    tables = find_tables(evaluation_dir or work_dir / 'evaluation')
    history = find_history(work_dir)
    if history is None and not any(tables.values()):
        raise ValueError(f'{work_dir} is no run: it holds no training and no test')
    config = dumped_config(work_dir)
    dataset = _dataset(config)
    stages = _stages(work_dir)
    missing = [f'{name}.json of the test' for name in TABLES if not tables[name]]
    missing += [] if history else ['log of the training']
    missing += [] if dataset else ['settings of the data set']
    missing += [] if stages else ['times of the stages']
    return {
        'format': FORMAT,
        'run': {
            'name': work_dir.resolve().name,
            'config': (stages or {}).get('config') or _kept_config(work_dir),
            'quick': (stages or {}).get('quick'),
            'seed': config.get('randomness', {}).get('seed'),
            'commit': git_commit(),
            'made': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        },
        'headline': headline(tables),
        'test': tables,
        'training': _training(history, config),
        'dataset': dataset,
        'timings': (stages or {}).get('stages'),
        'versions': versions(),
        'hardware': hardware(),
        'missing': missing,
    }


def find_tables(folder: Path) -> dict[str, dict | None]:
    """What the metrics wrote, by kind; None where absent."""
    tables: dict[str, dict | None] = {}
    for kind, key in (TABLES | CONTEXT_TABLE).items():
        found = sorted(folder.glob(f'*.{kind}.json'))
        tables[kind] = read_table(found[-1], key) if found else None
    return tables


def read_table(path: Path, key: str) -> dict[str, Any]:
    """A metric's JSON file.

    Raises:
        FileNotFoundError: If it is not there.
        ValueError: If it is not JSON or has no ``key``.
    """
    try:
        table = json.loads(path.read_text(encoding='utf-8'))
    except json.JSONDecodeError as error:
        raise ValueError(f'{path} is not JSON: {error}') from error
    if not isinstance(table, dict) or key not in table:
        raise ValueError(f'{path} is no table of a metric: it has no {key!r}')
    return table


def find_history(work_dir: Path) -> History | None:
    """The joined log, or None if nothing was trained here."""
    try:
        return read_history(work_dir)
    except ValueError:
        return None


def newest(work_dir: Path, pattern: str) -> Path | None:
    """Match in the newest time-stamped folder that has one."""
    found = sorted(work_dir.glob(f'*/{pattern}'))
    return found[-1] if found else None


def _kept_config(work_dir: Path) -> str | None:
    """The config that a training keeps in its folder, if there is just one."""
    kept = sorted(work_dir.glob('*.py'))
    return portable(kept[0]) if len(kept) == 1 else None


def dumped_config(work_dir: Path) -> dict[str, Any]:
    """Settings of the newest training that are literals, or else of the newest test."""
    dumped = sorted(work_dir.glob('*/vis_data/config.py'))
    trained = [path for path in dumped if _has_losses(path.with_name('scalars.json'))]
    found = trained or dumped
    return literal_config(found[-1].read_text(encoding='utf-8')) if found else {}


def _has_losses(scalars: Path) -> bool:
    return scalars.is_file() and '"loss"' in scalars.read_text(encoding='utf-8')


def literal_config(text: str) -> dict[str, Any]:
    """Top-level settings of a dumped config, read without running it.

    Settings that are more than literals and ``dict(...)`` of them are left out.
    """
    settings = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                settings[node.targets[0].id] = _literal(node.value)
            except ValueError:
                continue
    return settings


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        if getattr(node.func, 'id', None) != 'dict' or node.args:
            raise ValueError('a call')
        return {keyword.arg: _literal(keyword.value) for keyword in node.keywords}
    if isinstance(node, ast.List):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_literal(item) for item in node.elts)
    return ast.literal_eval(node)


def portable(path: str | Path) -> str:
    """The path below the current folder, or only its name; never absolute."""
    relative = os.path.relpath(path)
    return Path(path).name if relative.startswith('..') else Path(relative).as_posix()


def _dataset(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Settings of a synthetic set, and how much of it the run used."""
    source = config.get('train_dataloader', {}).get('dataset', {})
    root = source.get('data_root')
    path = Path(root, 'dataset.json') if root else None
    if path is None or not path.is_file():
        return None
    settings = json.loads(path.read_text(encoding='utf-8'))
    return {'folder': portable(root), **settings}


def _stages(work_dir: Path) -> dict[str, Any] | None:
    path = work_dir / STAGES_FILE
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding='utf-8'))


def _training(history: History | None, config: Mapping[str, Any]) -> dict | None:
    if history is None:
        return None
    last = history.training[-1]
    optimizer = config.get('optim_wrapper', {}).get('optimizer', {})
    return {
        'epochs': last.get('epoch'),
        'iterations': last['step'],
        'batch_size': config.get('train_dataloader', {}).get('batch_size'),
        'optimizer': optimizer.get('type'),
        'lr': optimizer.get('lr'),
        'loss_first': _finite(history.training[0]['loss']),
        'loss_last': _finite(last['loss']),
        'last_losses': {key: _finite(last.get(key)) for key in loss_keys([last])},
        'validation': [
            {key: _finite(value) for key, value in record.items()}
            for record in history.validation
        ],
    }


def _finite(value: Any) -> Any:
    """The value; None for nan and infinity, which JSON does not have."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def next_commands(
    summary: Mapping[str, Any],
    work_dir: Path,
    written: Callable[[str | Path], str] = portable,
) -> list[dict[str, str]]:
    """What to do next, as commands to be given in the current folder.

    Args:
        summary: Content of ``report.json``.
        work_dir: Folder of the run.
        written: Turns a path into what is written; by default nothing absolute.
    """
    python = portable(sys.executable)
    python = python if '/' in python else 'python'
    run, config = written(work_dir), summary['run']['config']
    commands = []
    if config:
        stages = work_dir / STAGES_FILE
        folder = stages.parent if stages.is_file() else work_dir
        used = written(folder / Path(config).name)
        checkpoint = f'{run}/epoch_{(summary["training"] or {}).get("epochs")}.pth'
        commands += [
            (
                'Look at the labelled training pictures',
                f'tools/analysis_tools/browse_dataset.py {used} --out sheet.png',
            ),
            (
                'Test again and draw the pictures again',
                f'tools/test.py {used} {checkpoint} --show-dir pictures',
            ),
            (
                'Train with a setting of your own',
                f'tools/train.py {used} --work-dir work_dirs/mine '
                '--cfg-options optim_wrapper.optimizer.lr=1e-3',
            ),
        ]
    commands.append(
        (
            'Plot the learning curves on their own',
            f'tools/analysis_tools/learning_curves.py {run} --out curves.png',
        )
    )
    return [{'text': text, 'command': f'{python} {call}'} for text, call in commands]
