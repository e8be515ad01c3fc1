"""Set up ``.venv`` with the tested stack and this package, stage by stage.

Needs the standard library only, so that a bare machine can start it. Each stage
leaves a key in ``.venv/bootstrap.json``, made of what it installs and of the
stages it builds on. A stage whose key still holds is skipped: an interrupted run
goes on where it stopped, and a changed requirements file repeats only what it
concerns. The full output of pip goes to ``.venv/bootstrap.log``. It is one long
file because it has to run before anything is installed.

Environment:
    TORCH_SPEC: Requirement to install in place of ``requirements/torch.txt``.
    TORCH_INDEX: Package index to take torch from, for example one of CPU builds.
        Everything else comes from where pip is set to look. Both are remembered.
    MAX_JOBS: Number of compiler processes for mmcv's operators.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / 'requirements'
OLDEST, NEWEST = (3, 10), (3, 13)
FREE_GB = 8
TAIL_LINES = 15
# ninja numbers what it compiles: "[12/79] c++ ..."
COMPILED = re.compile(r'^\s*\[(\d+/\d+)\]')
CAUSES = (
    ('No space left', 'The disk is full: free some space and run it again.'),
    (
        'CUDA_HOME environment variable is not set|CUDA version .* mismatches',
        'Beside a CUDA build of torch, mmcv needs the CUDA toolkit (nvcc); the CPU '
        'build does without: see TORCH_INDEX in docs/install.md.',
    ),
    ('Killed|signal 9', 'Memory ran out: run it again with MAX_JOBS=1.'),
    (
        'No matching distribution',
        'The package index lacks a build for this machine: see TORCH_SPEC and '
        'TORCH_INDEX in docs/install.md.',
    ),
    (
        'NewConnectionError|NameResolution|timed out|ConnectTimeout',
        'The package index did not answer: run it again, what is done is kept.',
    ),
)
FALLBACK = (
    'Run it again: what is done is kept. python -m maxsight_mm doctor tells more.'
)


class Stage(NamedTuple):
    """One call of pip.

    Attributes:
        name: What the user reads, and the stage's name in the state file.
        usual: How long it usually takes.
        pip: Arguments of pip; a file among them counts with its content.
        inputs: Further files whose content decides whether the stage is due.
    """

    name: str
    usual: str
    pip: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()

    def key(self, base: str) -> str:
        """Digest of what this stage installs on top of ``base``."""
        digest = hashlib.sha256(base.encode())
        for arg in (*self.pip, *map(str, self.inputs)):
            digest.update(arg.encode())
            if Path(arg).is_file():
                digest.update(Path(arg).read_bytes())
        return digest.hexdigest()


class SetupError(RuntimeError):
    """The set-up cannot go on; the message is for the user."""


def obstacle(
    python: tuple[int, int], compiler: str | None, headers: bool, free_gb: float
) -> str | None:
    """Why the set-up cannot work on this machine, in one line, or None."""
    version = '.'.join(map(str, python))
    if not OLDEST <= python <= NEWEST:
        return (
            f'Python {version} is not supported, 3.10 to 3.13 are. Choose one: '
            'make install PYTHON=python3.12'
        )
    if compiler is None:
        return (
            'No C++ compiler found to build mmcv with. Debian, Ubuntu: apt install '
            'build-essential; macOS: xcode-select --install'
        )
    if not headers:
        return (
            'No Python.h found to build mmcv with. Debian, Ubuntu: apt install '
            f'python{version}-dev'
        )
    if free_gb < FREE_GB:
        return f'{free_gb:.1f} GB of disk are free, {FREE_GB} GB are needed.'
    return None


def check_machine(venv: Path) -> None:
    """Raise SetupError if this machine cannot build and hold the stack."""
    python = sys.version_info[:2]
    config = venv / 'pyvenv.cfg'
    if config.is_file():
        found = re.search(r'^version\w*\s*=\s*(\d+)\.(\d+)', config.read_text(), re.M)
        if found:
            python = (int(found[1]), int(found[2]))
    compilers = (*os.environ.get('CXX', '').split()[:1], 'c++', 'g++', 'clang++')
    why = obstacle(
        python,
        next(filter(None, map(shutil.which, compilers)), None),
        Path(sysconfig.get_path('include'), 'Python.h').is_file(),
        shutil.disk_usage(ROOT).free / 1e9,
    )
    if why:
        raise SetupError(why)


def choose_torch(state: dict[str, str]) -> tuple[str, ...]:
    """Arguments of pip for torch: as the environment says, else as last time."""
    for name in ('TORCH_SPEC', 'TORCH_INDEX'):
        if os.environ.get(name):
            state[name] = os.environ[name]
    default = REQUIREMENTS.joinpath('torch.txt').read_text().split()[-1]
    spec = state.get('TORCH_SPEC', default)
    if 'TORCH_INDEX' in state:
        # "2.13.0+cpu" there is preferred to a plain "2.13.0" elsewhere. Another
        # build of the same version would count as installed, hence the force.
        index = state['TORCH_INDEX']
        return (spec, '--extra-index-url', index, '--force-reinstall')
    return (spec,)


def plan(
    extras: Iterable[str], torch: Sequence[str], held: Path
) -> tuple[list[Stage], list[Stage]]:
    """Stages that build on each other, and stages that build on those alone.

    Args:
        extras: Names of ``requirements/<name>.txt``.
        torch: Arguments of pip that install torch.
        held: Constraint file that holds torch's build in place.

    Raises:
        SetupError: If an extra is unknown.
    """

    def listed(name: str) -> tuple[str, str]:
        return '-r', str(REQUIREMENTS / f'{name}.txt')

    tested = ('install', '-c', str(REQUIREMENTS / 'constraints.txt'))
    pinned = (*tested, '-c', str(held), '--no-build-isolation')
    compile_time = '12 to 15 min on 2 cores to compile mmcv once, then 1 min'
    base = [
        Stage('build tools', '20 s', (*tested, *listed('build'))),
        Stage('torch', '1 to 5 min', (*tested, *torch)),
        Stage('mmengine, mmcv, mmdet', compile_time, (*pinned, '-v', *listed('stack'))),
    ]
    metadata = (ROOT / 'setup.py', *sorted(REQUIREMENTS.glob('*.txt')))
    additions = [Stage('maxsight_mm', '10 s', (*pinned, '-e', str(ROOT)), metadata)]
    for extra in extras:
        if not REQUIREMENTS.joinpath(f'{extra}.txt').is_file():
            raise SetupError(f'No extra is called {extra!r}: see requirements/.')
        additions.append(Stage(f'extra {extra}', '1 min', (*pinned, *listed(extra))))
        alone = f'{extra}-nodeps'
        if REQUIREMENTS.joinpath(f'{alone}.txt').is_file():
            call = ('install', '--no-deps', *listed(alone))
            additions.append(Stage(f'extra {extra}, without its pins', '10 s', call))
    return base, additions


def repairs(report: dict, held: Path) -> list[Stage]:
    """Stages that mend what the doctor found, if this script knows how."""
    pinned = ('install', '-c', str(REQUIREMENTS / 'constraints.txt'), '-c', str(held))
    again = (*pinned, '--force-reinstall', '--no-deps')
    if 'shared object' in report['opencv'].get('error', ''):
        # Both builds are installed, since imaug asks for both, and share cv2/:
        # whichever is written last is the one that is imported.
        call = (*again, 'opencv-python-headless')
        return [Stage('OpenCV without a display', '10 s', call)]
    parts = [part for part in ('torch', 'mmcv', 'mmcv_ops') if 'error' in report[part]]
    if parts != ['mmcv_ops']:
        return []
    # mmcv is fine but for its operators: pip's wheel is of another torch.
    mmcv = next(
        line
        for line in REQUIREMENTS.joinpath('stack.txt').read_text().splitlines()
        if 'mmcv==' in line
    )
    call = (*again, '-v', '--no-build-isolation', mmcv)
    return [
        Stage('drop the old wheel of mmcv', '1 s', ('cache', 'remove', 'onedl_mmcv')),
        Stage('mmcv for this torch', '12 to 15 min on 2 cores', call),
    ]


def duration(seconds: float) -> str:
    """A duration as a person would say it: ``8 s`` or ``12 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f'{minutes} min {rest:02} s' if minutes else f'{rest} s'


def run(stage: Stage, command: Sequence[str], log: Path) -> None:
    """Announce a stage, run it, show that it is alive and say how long it took.

    Raises:
        SetupError: If it fails; the message has its last lines and an advice.
    """
    print(f'{stage.name} (usually {stage.usual})', flush=True)
    started = time.monotonic()
    output: list[str] = []
    compiled = ''

    def follow(stream: Iterable[str]) -> None:
        nonlocal compiled
        with log.open('a') as file:
            for line in stream:
                output.append(line)
                file.write(line)
                file.flush()
                found = COMPILED.match(line)
                compiled = f', compiled {found[1]}' if found else compiled

    env = {**os.environ, 'PIP_DISABLE_PIP_VERSION_CHECK': '1', 'PIP_NO_INPUT': '1'}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors='replace',
    ) as process:
        reader = threading.Thread(target=follow, args=(process.stdout,))
        reader.start()
        live = sys.stdout.isatty()
        while reader.is_alive():
            reader.join(1 if live else 60)
            if reader.is_alive():
                now = f'    {duration(time.monotonic() - started)}{compiled}'
                print(now, end='\r' if live else '\n', flush=True)
    if process.returncode:
        tail = ''.join(f'    {line}' for line in output[-TAIL_LINES:]).rstrip()
        text = ''.join(output)
        advice = next((a for cause, a in CAUSES if re.search(cause, text)), FALLBACK)
        raise SetupError(f'{tail}\nThat failed; all of it is in {log}.\n{advice}')
    took = f'    done in {duration(time.monotonic() - started)}'
    print(f'{took:<40}' if live else took, flush=True)


class Installer:
    """Brings one virtual environment up to date."""

    def __init__(self, venv: Path) -> None:
        self.venv = venv
        self.python = venv / 'bin' / 'python'
        self.held = venv / 'torch-build.txt'
        self.log = venv / 'bootstrap.log'
        self.state_file = venv / 'bootstrap.json'
        self.state: dict[str, dict[str, str]] = {'torch': {}, 'done': {}}
        if self.state_file.is_file():
            self.state = json.loads(self.state_file.read_text())
        self.machine_checked = False

    def install(self, extras: Iterable[str]) -> None:
        """Run every stage that is due.

        Raises:
            SetupError: If the machine, a stage or the final check says no.
        """
        base, additions = plan(extras, choose_torch(self.state['torch']), self.held)
        self.make_venv()
        key = self.venv.joinpath('pyvenv.cfg').read_text()
        for stage in base:
            key = stage.key(key)
            self.run_if_due(stage, key)
        for stage in additions:
            self.run_if_due(stage, stage.key(key))
        done = self.state['done']
        key = '+'.join(sorted(done[name][:8] for name in done if name != 'check'))
        if done.get('check') != key:
            self.check()
            self.finish('check', key)

    def make_venv(self) -> None:
        """Create the environment, or complete one that was left without pip."""
        for info in self.venv.glob('lib/*/site-packages/*.dist-info'):
            if not (info / 'METADATA').is_file():
                # A pip that was killed left it, and every later pip stumbles over it.
                shutil.rmtree(info)
        if self.python.exists() and any(self.venv.glob('lib/*/site-packages/pip')):
            return
        if self.python.is_symlink() and not self.python.exists():
            raise SetupError(f'The Python of {self.venv} is gone: remove that folder.')
        self.check_machine()
        command = (sys.executable, '-m', 'venv', str(self.venv))
        run(Stage(f'virtual environment {self.venv.name}', '10 s'), command, self.log)

    def check_machine(self) -> None:
        """Check the machine before the first stage that runs."""
        if not self.machine_checked:
            check_machine(self.venv)
            self.machine_checked = True

    def run_if_due(self, stage: Stage, key: str) -> None:
        """Run a stage, unless it was done with the same key."""
        torch_not_held = stage.name == 'torch' and not self.held.is_file()
        if self.state['done'].get(stage.name) == key and not torch_not_held:
            return
        self.check_machine()
        self.pip(stage)
        if stage.name == 'torch':
            self.hold_torch()
        self.finish(stage.name, key)

    def pip(self, stage: Stage) -> None:
        """Run a stage."""
        run(stage, (str(self.python), '-m', 'pip', *stage.pip), self.log)

    def hold_torch(self) -> None:
        """Write the constraint that keeps later stages from moving torch."""
        code = "from importlib.metadata import version; print(version('torch'))"
        version = subprocess.check_output((str(self.python), '-c', code), text=True)
        self.held.write_text(f'torch=={version}')

    def finish(self, name: str, key: str) -> None:
        """Note a stage as done; the file is replaced whole or not at all."""
        self.state['done'][name] = key
        partial = self.state_file.with_suffix('.partial')
        partial.write_text(json.dumps(self.state, indent=1))
        partial.replace(self.state_file)

    def check(self) -> None:
        """Ask the doctor; mend what can be mended, at most two things.

        Raises:
            SetupError: If the stack still does not work.
        """
        for _ in range(3):
            report = json.loads(self.ask_doctor('--json'))
            if report['working']:
                return
            for stage in repairs(report, self.held):
                self.pip(stage)
        raise SetupError(f'{self.ask_doctor()}The stack does not work.')

    def ask_doctor(self, *options: str) -> str:
        """What the doctor says of the environment."""
        command = (str(self.python), '-m', 'maxsight_mm', 'doctor', *options)
        told = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
        if told.stderr:
            raise SetupError(f'{told.stderr}The doctor itself does not run.')
        return told.stdout


@contextmanager
def locked(venv: Path) -> Iterator[None]:
    """Keep a second set-up of the same environment waiting until this one ends."""
    venv.mkdir(parents=True, exist_ok=True)
    with (venv / 'bootstrap.lock').open('w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print('Another set-up is running here: waiting for it.', flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(argv: Sequence[str] | None = None) -> int:
    """Run the set-up; 0 when the environment is ready."""
    parser = argparse.ArgumentParser(description='Set up the virtual environment.')
    parser.add_argument('--venv', type=Path, default=ROOT / '.venv')
    parser.add_argument('--extras', nargs='*', default=[], help='see requirements/')
    args = parser.parse_args(argv)
    started = time.monotonic()
    try:
        with locked(args.venv):
            Installer(args.venv.absolute()).install(args.extras)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nInterrupted: run it again to go on from here.', file=sys.stderr)
        return 130
    print(f'{args.venv.name} is ready ({duration(time.monotonic() - started)})')
    return 0


if __name__ == '__main__':
    sys.exit(main())
