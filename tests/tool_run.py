"""A tool of ``tools/`` run inside the test's own process, which saves seconds a run."""

import importlib.util
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class ToolRun:
    """What a run left: exit status and text."""

    returncode: int
    stdout: str
    stderr: str


def run_tool(tool: str, *args: str) -> ToolRun:
    """Run ``tools/<tool>`` with arguments, as the command line would.

    Args:
        tool: Path below ``tools/``.
        args: Its arguments.
    """
    path = ROOT / 'tools' / tool
    spec = importlib.util.spec_from_file_location(f'tool_{path.stem}', path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    out, errors = io.StringIO(), io.StringIO()
    with (
        redirect_stdout(out),
        redirect_stderr(errors),
        mock.patch.object(sys, 'argv', [str(path), *args]),
    ):
        spec.loader.exec_module(module)
        try:
            status = module.main() or 0
        except SystemExit as end:
            status = int(end.code or 0)
    return ToolRun(status, out.getvalue(), errors.getvalue())
