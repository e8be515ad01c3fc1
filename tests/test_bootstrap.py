import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / 'tools' / 'bootstrap.py'
GOOD = {name: {} for name in ('torch', 'opencv', 'mmcv', 'mmcv_ops')}


@pytest.fixture(scope='module')
def bootstrap():
    spec = importlib.util.spec_from_file_location('bootstrap', SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules['bootstrap'] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def installer(bootstrap, tmp_path, monkeypatch):
    """An installer in an empty environment whose pip only notes its calls."""
    monkeypatch.delenv('TORCH_SPEC', raising=False)
    monkeypatch.delenv('TORCH_INDEX', raising=False)
    (tmp_path / 'pyvenv.cfg').write_text('version = 3.11.7\n')

    class Recorder(bootstrap.Installer):
        fails = ''

        def __init__(self, venv):
            super().__init__(venv)
            self.calls = []

        def make_venv(self):
            pass

        def check_machine(self):
            pass

        def pip(self, stage):
            self.calls.append(stage.name)
            if stage.name == self.fails:
                raise bootstrap.SetupError('no')

        def hold_torch(self):
            self.held.write_text('torch==2.13.0')

        def check(self):
            self.calls.append('check')

    def make():
        return Recorder(tmp_path)

    return make


BASE = ['build tools', 'torch', 'mmengine, mmcv, mmdet', 'maxsight_mm']


def _calls(installer, extras=()):
    installer.install(extras)
    return installer.calls


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        ({'python': (3, 9)}, 'Python 3.9'),
        ({'python': (3, 14)}, 'Python 3.14'),
        ({'compiler': None}, 'build-essential'),
        ({'headers': False}, 'python3.11-dev'),
        ({'free_gb': 2.0}, '2.0 GB'),
    ],
)
def test_each_obstacle_is_told_in_one_line(bootstrap, change, word):
    machine = {
        'python': (3, 11),
        'compiler': '/usr/bin/c++',
        'headers': True,
        'free_gb': 20.0,
    }
    assert bootstrap.obstacle(**machine) is None
    told = bootstrap.obstacle(**{**machine, **change})
    assert word in told
    assert '\n' not in told


def test_first_run_does_every_stage_and_the_second_none(installer):
    assert _calls(installer()) == [*BASE, 'check']
    assert _calls(installer()) == []


def test_added_extra_does_not_repeat_the_rest(installer):
    _calls(installer(), ['dev'])
    assert _calls(installer(), ['dev', 'web']) == ['extra web', 'check']
    assert _calls(installer(), ['dev']) == []


def test_mmdeploy_is_installed_without_its_requirements(bootstrap, tmp_path):
    _, additions = bootstrap.plan(['export'], ['torch'], tmp_path / 'held.txt')
    last = additions[-1]
    assert '--no-deps' in last.pip
    assert last.pip[-1].endswith('export-nodeps.txt')


def test_interrupted_run_goes_on_at_the_failed_stage(installer, bootstrap):
    broken = installer()
    broken.fails = 'mmengine, mmcv, mmdet'
    with pytest.raises(bootstrap.SetupError):
        broken.install([])
    assert _calls(installer()) == [*BASE[2:], 'check']


def test_another_torch_repeats_what_is_built_on_it(installer, monkeypatch):
    _calls(installer(), ['web'])
    monkeypatch.setenv('TORCH_SPEC', 'torch==2.12.0')
    again = [*BASE[1:], 'extra web', 'check']
    assert _calls(installer(), ['web']) == again
    monkeypatch.delenv('TORCH_SPEC')
    assert _calls(installer(), ['web']) == [], 'the choice is remembered'


def test_changed_requirements_repeat_their_stage(tmp_path, bootstrap):
    listed = tmp_path / 'web.txt'
    listed.write_text('flask==3.1.3')
    stage = bootstrap.Stage('extra web', '1 min', ('install', '-r', str(listed)))
    before = stage.key('base')
    assert stage.key('base') == before
    assert stage.key('other base') != before
    listed.write_text('flask==3.1.4')
    assert stage.key('base') != before


def test_torch_index_adds_an_index_for_torch_alone(bootstrap, tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_INDEX', 'https://example.org/cpu')
    choice = bootstrap.choose_torch({})
    base, additions = bootstrap.plan(['dev'], choice, tmp_path / 'held.txt')
    with_index = [s.name for s in (*base, *additions) if '--extra-index-url' in s.pip]
    assert with_index == ['torch']


def test_unknown_extra_is_refused(bootstrap, tmp_path):
    with pytest.raises(bootstrap.SetupError, match='wbe'):
        bootstrap.plan(['wbe'], ['torch'], tmp_path / 'held.txt')


def test_failed_command_shows_its_end_and_one_advice(bootstrap, tmp_path, capsys):
    code = 'for i in range(99): print("line", i)\nraise SystemExit("No space left")'
    stage = bootstrap.Stage('a stage', '1 s')
    log = tmp_path / 'log'
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.run(stage, (sys.executable, '-uc', code), log)
    told = str(caught.value).splitlines()
    assert told[-1].startswith('The disk is full')
    assert '    line 98' in told
    assert '    line 50' not in told
    assert 'line 0\n' in log.read_text()
    assert 'a stage (usually 1 s)' in capsys.readouterr().out


def test_finished_command_says_how_long_it_took(bootstrap, tmp_path, capsys):
    stage = bootstrap.Stage('a stage', '1 s')
    bootstrap.run(stage, (sys.executable, '-c', ''), tmp_path / 'log')
    assert 'done in' in capsys.readouterr().out
    assert bootstrap.duration(725.2) == '12 min 05 s'


def test_opencv_without_libgl_is_replaced(bootstrap, tmp_path):
    why = 'ImportError: libGL.so.1: cannot open shared object file'
    report = {**GOOD, 'opencv': {'error': why}}
    report['mmcv'] = report['mmcv_ops'] = report['opencv']
    (stage,) = bootstrap.repairs(report, tmp_path / 'held.txt')
    assert stage.pip[-1] == 'opencv-python-headless'


def test_operators_of_another_torch_are_compiled_again(bootstrap, tmp_path):
    report = {**GOOD, 'mmcv_ops': {'error': 'ImportError: undefined symbol'}}
    dropped, built = bootstrap.repairs(report, tmp_path / 'held.txt')
    assert dropped.pip == ('cache', 'remove', 'onedl_mmcv')
    assert built.pip[-1].startswith('onedl-mmcv==')
    assert '--force-reinstall' in built.pip


def test_nothing_is_rebuilt_when_torch_itself_fails(bootstrap, tmp_path):
    report = {**GOOD, 'torch': {'error': 'x'}, 'mmcv_ops': {'error': 'x'}}
    assert bootstrap.repairs(report, tmp_path / 'held.txt') == []


def test_stack_that_stays_broken_fails_with_the_doctors_words(bootstrap, tmp_path):
    class Broken(bootstrap.Installer):
        def ask_doctor(self, *options):
            report = {**GOOD, 'torch': {'error': 'x'}, 'working': False}
            return json.dumps(report) if options else 'torch FAILS: x\n'

    with pytest.raises(bootstrap.SetupError, match='torch FAILS: x'):
        Broken(tmp_path).check()


def test_every_extra_of_the_package_has_a_file():
    text = (SCRIPT.parent.parent / 'setup.py').read_text()
    extras = re.findall(r"^    '(\w+)',$", text, re.M)
    folder = SCRIPT.parent.parent / 'requirements'
    assert {'eval', 'dev'} <= set(extras)
    assert all((folder / f'{extra}.txt').is_file() for extra in extras)


def test_script_needs_only_the_standard_library():
    command = (sys.executable, '-I', '-S', str(SCRIPT), '--help')
    assert subprocess.run(command, capture_output=True).returncode == 0
