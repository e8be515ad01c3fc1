"""What of the stack works here, and the command that adds what is missing.

Everything is tried in other processes: a torchvision built for another torch or
an operator library compiled for another one can end the process that loads it.
Only the standard library is imported, so that the doctor runs on a broken stack.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

DISTRIBUTION = 'maxsight_mm'
CHECKOUT = Path(__file__).resolve().parent.parent
# mmdeploy's own requirements name the upstream mmengine and protobuf 3.20, so no
# extra can ask for it: it is installed without them.
WITHOUT_PINS = {'export': 'mmdeploy==1.3.1'}
Report = dict[str, Any]

# Each probe prints one JSON object as its last line.
PROBES = {
    'torch': """
import json, torch
cuda = torch.cuda.is_available()
mps = torch.backends.mps.is_available()
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
print(json.dumps(dict(
    version=torch.__version__,
    build='CUDA ' + torch.version.cuda if torch.version.cuda else 'CPU',
    threads=torch.get_num_threads(),
    gpus=names if cuda else ['Apple GPU'] if mps else [],
)))
""",
    'opencv': """
import cv2, json
print(json.dumps(dict(version=cv2.__version__)))
""",
    'mmengine': """
import json, mmengine
print(json.dumps(dict(version=mmengine.__version__)))
""",
    'mmcv': """
import json, mmcv
print(json.dumps(dict(version=mmcv.__version__)))
""",
    'mmcv_ops': """
import json, torch
from mmcv.ops import nms
devices = ['cpu'] + ['cuda'] * torch.cuda.is_available()
boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0], [0.0, 0.0, 9.0, 8.0]])
for device in devices:
    kept = nms(boxes.to(device), torch.tensor([0.9, 0.8], device=device), 0.5)[1]
    assert kept.tolist() == [0], f'nms kept {kept.tolist()} on {device}'
print(json.dumps(dict(devices=devices)))
""",
    'mmdet': """
import json, mmdet.registry
print(json.dumps(dict(version=mmdet.__version__)))
""",
    'torchvision': """
import json
from importlib.util import find_spec
if find_spec('torchvision') is None:
    print(json.dumps(dict(state='absent')))
else:
    import torch, torchvision
    from torchvision.ops import nms
    nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    print(json.dumps(dict(state='good', version=torchvision.__version__)))
""",
}


def probe(code: str) -> Report:
    """Run ``code`` in a new interpreter and return the JSON it prints last.

    Returns:
        That object, or ``{'error': <the last line it wrote>}``.
    """
    run = subprocess.run(
        (sys.executable, '-c', code), capture_output=True, text=True, errors='replace'
    )
    if run.returncode == 0:
        return json.loads(run.stdout.splitlines()[-1])
    told = run.stderr.strip().splitlines()
    return {'error': told[-1] if told else f'ended with status {run.returncode}'}


def distribution_of(module: str) -> str | None:
    """Name and version of the distribution that provides a module."""
    names = metadata.packages_distributions().get(module)
    if not names:
        return None
    return f'{names[0]} {metadata.version(names[0])}'


def installed_version(name: str) -> str | None:
    """Version of an installed distribution."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def missing_by_extra(
    requires: Iterable[str], version_of: Callable[[str], str | None]
) -> dict[str, list[str]]:
    """Requirements of each extra that are absent or at a version it excludes.

    Args:
        requires: Entries such as ``'flask==3.1.3; extra == "web"'``.
        version_of: Gives the installed version of a distribution, or None.

    Returns:
        Every extra in order of first mention; an empty list means complete.
    """
    from packaging.requirements import Requirement

    missing: dict[str, list[str]] = {}
    for entry in requires:
        requirement = Requirement(entry)
        marker = requirement.marker
        extra = re.search(r'extra == [\'"]([\w-]+)', str(marker))
        if marker is None or extra is None:
            continue
        group = missing.setdefault(extra[1], [])
        if not marker.evaluate({'extra': extra[1]}):
            continue
        version = version_of(requirement.name)
        if version is None or not requirement.specifier.contains(version, True):
            group.append(f'{requirement.name}{requirement.specifier}')
    for name, pinned in WITHOUT_PINS.items():
        if name in missing and version_of(pinned.split('==')[0]) is None:
            missing[name].append(pinned)
    return missing


def install_command(extra: str, missing: Iterable[str], checkout: bool) -> str:
    """Shell command that adds an extra.

    Args:
        extra: Name of the extra.
        missing: What of it is missing.
        checkout: Whether the package runs from a checkout that has a Makefile.
    """
    if checkout:
        return f'make install EXTRAS={extra}'
    alone = WITHOUT_PINS.get(extra, '')
    pip = f'{shlex.quote(sys.executable)} -m pip install'
    calls = []
    if names := [shlex.quote(name) for name in missing if name != alone]:
        calls.append(' '.join((pip, *names)))
    if alone in missing:
        calls.append(f'{pip} --no-deps {alone}')
    return ' && '.join(calls)


def extras_report(checkout: bool) -> dict[str, Report]:
    """What each extra lacks and how to add it; empty if we are not installed."""
    try:
        requires = metadata.requires(DISTRIBUTION) or []
        missing = missing_by_extra(requires, installed_version)
    except (metadata.PackageNotFoundError, ModuleNotFoundError):
        return {}
    return {
        extra: {
            'missing': names,
            'command': install_command(extra, names, checkout) if names else None,
        }
        for extra, names in missing.items()
    }


def is_working(report: Mapping[str, Any]) -> bool:
    """Whether the core works: all but torchvision and the extras."""
    core = ('torch', 'opencv', 'mmengine', 'mmcv', 'mmcv_ops', 'mmdet')
    return all('error' not in report[name] for name in core)


def examine() -> Report:
    """Examine this interpreter's environment.

    Returns:
        ``python``, ``cpu_count``, one entry for each probe (with ``error`` where
        it failed), ``extras`` and ``working``.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(probe, PROBES.values())
        report: Report = dict(zip(PROBES, found, strict=True))
    for module in ('mmengine', 'mmcv', 'mmdet'):
        report[module]['distribution'] = distribution_of(module)
    if 'error' in report['torchvision']:
        report['torchvision']['state'] = 'broken'
    report['python'] = sys.version.split()[0]
    report['cpu_count'] = os.cpu_count()
    report['extras'] = extras_report((CHECKOUT / 'Makefile').is_file())
    report['working'] = is_working(report)
    return report


def lines_of(report: Mapping[str, Any]) -> list[str]:
    """The report as lines for a person."""

    def told(name: str, *fields: str) -> str:
        part = report[name]
        if 'error' in part:
            return f'{name:<12}FAILS: {part["error"]}'
        values = (str(part[field]) for field in fields if part.get(field))
        return f'{name:<12}{", ".join(values)}'

    lines = [f'{"python":<12}{report["python"]}', told('torch', 'version', 'build')]
    if 'error' not in report['torch']:
        gpus = ', '.join(report['torch']['gpus']) or 'none'
        threads = f'{report["torch"]["threads"]} threads'
        lines.append(f'{"cpu":<12}{threads}, {report["cpu_count"]} processors')
        lines.append(f'{"gpu":<12}{gpus}')
    for module in ('mmengine', 'mmcv', 'mmdet'):
        lines.append(told(module, 'version', 'distribution'))
    if 'error' in report['mmcv_ops']:
        lines.append(told('mmcv_ops'))
    else:
        devices = ' and '.join(report['mmcv_ops']['devices'])
        lines.append(f'{"mmcv_ops":<12}nms ran on {devices}')
    lines.append(told('opencv', 'version'))
    vision = report['torchvision']
    detail = vision.get('version') or vision.get('error', '')
    lines.append(f'{"torchvision":<12}{vision["state"]} {detail}'.rstrip())
    for extra, part in report['extras'].items():
        if part['missing']:
            names = ', '.join(part['missing'])
            lines.append(f'extra {extra:<10}lacks {names}')
            lines.append(f'    add it:     {part["command"]}')
        else:
            lines.append(f'extra {extra:<10}complete')
    lines.append('The core works.' if report['working'] else 'The core does NOT work.')
    return lines
