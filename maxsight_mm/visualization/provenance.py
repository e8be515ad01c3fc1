"""On what a figure was measured: commit, versions and machine."""

import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

import maxsight_mm

from ..doctor import CHECKOUT

_MODULES = ('torch', 'numpy', 'cv2', 'mmengine', 'mmcv', 'mmdet', 'matplotlib')


def git_commit() -> str | None:
    """Commit of this checkout, marked if files differ from it."""
    if shutil.which('git') is None or not (CHECKOUT / '.git').exists():
        return None

    def git(*arguments: str) -> str:
        call = ('git', '-C', str(CHECKOUT), *arguments)
        return subprocess.run(call, capture_output=True, text=True).stdout.strip()

    commit = git('rev-parse', '--short=12', 'HEAD')
    if not commit:
        return None
    return f'{commit} with changes' if git('status', '--porcelain') else commit


def versions() -> dict[str, str]:
    """Name -> version of what a run rests on."""
    found = {
        'python': platform.python_version(),
        'maxsight_mm': maxsight_mm.__version__,
    }
    # The forks keep the import names of the projects that they carry on.
    distributions = metadata.packages_distributions()
    for module in _MODULES:
        for name in distributions.get(module, [])[:1]:
            found[name] = metadata.version(name)
    return found


def hardware() -> dict[str, Any]:
    """Processor, cores, memory in GiB and GPUs of this machine."""
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        'system': f'{platform.system()} {platform.machine()}',
        'processor': _processor(),
        'cores': os.cpu_count(),
        'memory_gib': _memory_gib(),
        'gpus': gpus,
    }


def _processor() -> str:
    info = Path('/proc/cpuinfo')
    if info.is_file():
        for line in info.read_text(encoding='utf-8', errors='replace').splitlines():
            if line.startswith('model name'):
                return line.split(':', 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        size = os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES')
    except (AttributeError, ValueError, OSError):
        return None
    return round(size / 2**30, 1)
