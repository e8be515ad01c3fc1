"""Records of a run: one JSON-lines file a kind, which a resumed run goes on with."""

import json
import math
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process

FOLDER = 'ssod_monitor'
KINDS = (
    'class_progress',
    'pseudo_labels',
    'positive_anchors',
    'loss',
    'validation',
    'guard_events',
)


class RunRecords:
    """The records of one kind; every record holds its ``step``, in iterations.

    Rank 0 alone writes. What is not finite is written as null.

    Args:
        run_dir: Work directory of the run.
        kind: Name of the file.
    """

    def __init__(self, run_dir: str | Path, kind: str) -> None:
        self.path = Path(run_dir) / FOLDER / f'{kind}.jsonl'

    def read(self) -> list[dict[str, Any]]:
        """All records; a line that was cut off in writing is passed over."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(encoding='utf-8').splitlines()
        return [record for line in lines if (record := _record(line))]

    def begin(self, step: int) -> None:
        """Drops the records that a run resumed at ``step`` will write again.

        A run that begins anew keeps those of an earlier one as ``.jsonl.old``.

        Args:
            step: Iterations done.
        """
        if not is_main_process() or not self.path.is_file():
            return
        if step == 0:
            self.path.replace(self.path.with_suffix('.jsonl.old'))
            return
        kept = [record for record in self.read() if record['step'] <= step]
        new = self.path.with_suffix('.jsonl.new')
        new.write_text(''.join(_line(record) for record in kept), encoding='utf-8')
        new.replace(self.path)

    def append(self, record: dict[str, Any]) -> None:
        """Writes one record behind the others."""
        if not is_main_process():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open('a', encoding='utf-8') as file:
            file.write(_line(record))


def read_run_records(run_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """The records of every kind, empty lists where there are none.

    Raises:
        ValueError: If there is no record at all.
    """
    found = {kind: RunRecords(run_dir, kind).read() for kind in KINDS}
    if not any(found.values()):
        raise ValueError(
            f'{run_dir} holds no records of a semi-supervised training ({FOLDER}/): '
            'it needs the hooks of docs/defects.md, "Watching a run"'
        )
    return found


def _line(record: dict[str, Any]) -> str:
    return json.dumps(_finite(record)) + '\n'


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return None
    return record if isinstance(record, dict) and 'step' in record else None
