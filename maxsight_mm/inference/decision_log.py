"""A log of decisions that survives a crash: JSON lines, appended whole."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from .decision_rule import Decision, DecisionRule


class DecisionLog:
    """Appends one line a decision; several processes may write into one file.

    A line holds ``time`` (UTC, ISO 8601), the fields of :class:`Decision`, and the
    ``threshold`` and ``review`` bounds it was decided with.

    Args:
        path: The file; its folder is made.
        rule: What decides.

    Raises:
        OSError: If it cannot be opened for writing.
    """

    def __init__(self, path: str | Path, rule: DecisionRule) -> None:
        self.path = Path(path)
        self.rule = rule
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._end_torn_line()

    def write(self, decision: Decision, time: datetime | None = None) -> None:
        """Append a decision, made now if no time is given.

        Raises:
            OSError: If the disk takes only a part of it, or none.
        """
        moment = time or datetime.now(timezone.utc)
        record = {
            'time': moment.astimezone(timezone.utc).isoformat(timespec='milliseconds'),
            **asdict(decision),
            'threshold': self.rule.threshold,
            'review': self.rule.review,
        }
        line = (json.dumps(record, allow_nan=False) + '\n').encode()
        # One write at the end of the file: lines of two processes do not mix.
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            if os.write(file, line) != len(line):
                raise OSError(f'{self.path}: the line was cut off; is the disk full?')
        finally:
            os.close(file)

    def _end_torn_line(self) -> None:
        """A crash may have left half a line: what follows begins on a new one."""
        if not self.path.is_file() or not self.path.stat().st_size:
            return
        with self.path.open('rb+') as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b'\n':
                file.write(b'\n')


def read_decision_log(path: str | Path) -> Iterator[dict]:
    """The records of a log; half lines that a crash left are passed over.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    with Path(path).open(encoding='utf-8') as file:
        for line in file:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(record, dict):
                yield record
