from pathlib import Path

import pytest

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.one_line_errors import nothing_half_written, one_line_errors
from maxsight_mm.registry import MODELS


def run(capsys, act) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped, one_line_errors('tool'):
        act()
    return stopped.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ('act', 'part'),
    [
        (lambda: load_config('nowhere.py'), 'nowhere.py does not exist'),
        (lambda: MODELS.build(dict(type='BoxHead', in_channels=4, los=1)), 'los'),
        (lambda: MODELS.build(dict(type='BocksHead')), 'BocksHead'),
        (
            lambda: MODELS.build(dict(type='BoxHead', in_channels=4, loss='l3')),
            'smooth_l1',
        ),
        (lambda: Path('nowhere.json').read_text(), 'nowhere.json'),
    ],
)
def test_user_error_is_one_line_and_status_2(capsys, act, part):
    code, printed = run(capsys, act)
    assert code == 2
    assert printed.startswith('tool: ') and part in printed
    assert printed.count('\n') == 1


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), one_line_errors('tool'):
        _ = 1 / 0
    with pytest.raises(ValueError, match='int'), one_line_errors('tool'):
        int('x')


class TestNothingHalfWritten:
    def fail(self, work_dir, *files, started=False):
        with pytest.raises(RuntimeError), nothing_half_written(work_dir) as mark:
            for name in files:
                path = work_dir / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text('x')
            mark.started = started
            raise RuntimeError

    def test_a_run_that_never_started_leaves_nothing(self, tmp_path):
        self.fail(tmp_path / 'new', '20260102_030405/run.log', 'config.py')
        assert not (tmp_path / 'new').exists()

    def test_everything_else_is_kept(self, tmp_path):
        (tmp_path / 'old.log').write_text('x')
        self.fail(tmp_path, '20260102_030405/run.log', 'of_another_process.pth')
        kept = sorted(p.name for p in tmp_path.iterdir())
        assert kept == ['of_another_process.pth', 'old.log']

    def test_a_run_that_started_is_kept(self, tmp_path):
        self.fail(tmp_path, '20260102_030405/run.log', started=True)
        assert (tmp_path / '20260102_030405/run.log').exists()
