"""Most memory that the steps of a model take, in a process of its own on the CPU.

A process remembers the most memory it ever held, so a second model in the same
process could not be told from the first.
"""

import multiprocessing
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.logging import MMLogger

from .step_timing import build_model, make_step

_RESET = Path('/proc/self/clear_refs')


def peak_memory_mib(
    path: str, modes: Sequence[str], batch: int, size: tuple[int, int], device: str
) -> list[float]:
    """MiB above what the process held before the model was built, by mode.

    Nan for a CPU whose system does not tell (other than Linux).

    Args:
        path: Config of a detector.
        modes: Modes of :func:`make_step`, from the least to the most hungry.
        batch: Images a step.
        size: Height and width.
        device: ``'cpu'`` or a GPU; there, the memory of its allocator alone.
    """
    arguments = (path, tuple(modes), batch, size, device)
    if device.startswith('cuda'):
        return _measure(*arguments)
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        return pool.apply(_measure, arguments)


def _measure(path, modes, batch, size, device) -> list[float]:
    MMLogger.get_instance('peak_memory', log_level='ERROR')
    torch.set_num_threads(1)
    start = _start_mib(device)
    model = build_model(path)
    peaks = []
    for mode in modes:
        step = make_step(model, mode, batch, size, device)
        for _ in range(2):
            step()
        peaks.append(_peak_mib(device) - start)
    return peaks


def _start_mib(device: str) -> float:
    """MiB held now; the peak is counted from here on."""
    if device.startswith('cuda'):
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device) / 2**20
    if not _RESET.exists():
        return float('nan')
    # proc(5): sets the peak back to what is held.
    _RESET.write_text('5')
    return _status_mib('VmRSS')


def _peak_mib(device: str) -> float:
    if device.startswith('cuda'):
        return torch.cuda.max_memory_allocated(device) / 2**20
    return _status_mib('VmHWM') if _RESET.exists() else float('nan')


def _status_mib(name: str) -> float:
    # Not getrusage: a child starts from its parent's peak there.
    lines = Path('/proc/self/status').read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith(f'{name}:'))
    return int(kib) / 2**10
