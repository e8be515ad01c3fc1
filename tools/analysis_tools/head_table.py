"""Merge what TaskMetric wrote into one markdown table: head, metric, baseline, margin.

python tools/analysis_tools/head_table.py work_dirs/tier_t1/evaluation/test.tasks.json
    --out heads.md
"""

import argparse
import json
from pathlib import Path
from typing import Any

from maxsight_mm.engine.config_loading import ConfigError
from maxsight_mm.engine.one_line_errors import one_line_errors

HEADER = ('head', 'metric', 'value', 'baseline', 'which is', 'margin', 'cases')
FIELDS = {'cases', 'unanswered', 'figures'}
FIGURE = {'metric', 'value', 'baseline', 'against', 'margin'}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('results', type=Path, nargs='+', help='*.tasks.json')
    parser.add_argument('--out', type=Path, help='markdown file; default: print')
    return parser.parse_args(argv)


def read_tasks(path: Path) -> dict[str, dict]:
    """Figures by task of one file.

    Raises:
        ConfigError: If it is not what TaskMetric writes.
    """
    if path.is_dir():
        raise ConfigError(f'{path} is a folder, expected a .tasks.json file')
    try:
        tasks = json.loads(path.read_text())['tasks']
        for judged in tasks.values():
            whole = judged.keys() >= FIELDS
            if not whole or any(f.keys() < FIGURE for f in judged['figures']):
                raise KeyError
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f'{path} is not what TaskMetric writes ({{outfile_prefix}}.tasks.json)'
        ) from error
    return tasks


def table_of(runs: dict[str, dict[str, dict]]) -> str:
    """Markdown; with several runs, one after the other under each head."""
    header = (*(('run',) if len(runs) > 1 else ()), *HEADER)
    rows = [header, ['---'] * len(header)]
    heads = dict.fromkeys(task for tasks in runs.values() for task in tasks)
    for head in heads:
        for name, tasks in runs.items():
            if head in tasks:
                rows += _rows(head, tasks[head], [name] if len(runs) > 1 else [])
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows) + '\n'


def _rows(head: str, judged: dict[str, Any], run: list[str]) -> list[list[str]]:
    cases = str(judged['cases'])
    if judged['unanswered']:
        cases += f' of {judged["cases"] + judged["unanswered"]}'
    return [
        [
            *run,
            *(head, figure['metric'], _number(figure['value'])),
            *(_number(figure['baseline']), figure['against']),
            *(_number(figure['margin'], '+'), cases),
        ]
        for figure in judged['figures']
    ]


def _number(value: float | None, sign: str = '') -> str:
    return '-' if value is None else f'{value:{sign}.3f}'


def _names(paths: list[Path]) -> list[str]:
    """Names of the runs: of the files, or of the folders that tell them apart."""
    names = [path.name.removesuffix('.json').removesuffix('.tasks') for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('head_table'):
        names = _names(args.results)
        runs = {n: read_tasks(p) for n, p in zip(names, args.results, strict=True)}
        table = table_of(runs)
        if args.out is not None:
            args.out.parent.mkdir(parents=True, exist_ok=True)
            args.out.write_text(table)
    if args.out is None:
        print(table, end='')
    else:
        print(f'{sum(map(len, runs.values()))} heads -> {args.out}')


if __name__ == '__main__':
    main()
