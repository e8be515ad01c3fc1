"""Times are of what they say they are of."""

import json
import os

import pytest
import torch

pytest.importorskip('onnxruntime', reason='needs the export extra')
pytest.importorskip('openvino', reason='needs the export extra')

from maxsight_mm.deploy import backend_timing, matrix_product
from maxsight_mm.deploy.backend_timing import (
    backend_steps,
    operations,
    pin,
    time_backends,
)
from tests.models.toy_detector import build_toy, toy_config
from tests.tools.test_dataset_tools import load_tool

SIZE = (64, 64)


@pytest.fixture(autouse=True)
def as_before():
    """Threads and cores of the process are left as they were."""
    threads = torch.get_num_threads()
    cores = getattr(os, 'sched_getaffinity', lambda pid: None)(0)
    yield
    torch.set_num_threads(threads)
    if cores is not None:
        os.sched_setaffinity(0, cores)


def test_operations_are_two_for_each_multiplication():
    conv = torch.nn.Conv2d(3, 8, 3, padding=1)
    assert operations(conv, torch.zeros(1, 3, 10, 20)) == 2 * 27 * 8 * 200


def test_times_are_set_beside_the_first_and_the_fastest_product(monkeypatch):
    """Worked by hand: two runs, then the product in three libraries, in ms."""
    measured = [[20, 22, 24], [5, 5, 8], [9, 9, 9], [2, 4, 2], [3, 3, 3]]
    monkeypatch.setattr(backend_timing, 'products', lambda threads: [None] * 3)
    monkeypatch.setattr(backend_timing, 'interleaved_ms', lambda *args: measured)
    monkeypatch.setattr(backend_timing, 'PRODUCT_SIDE', 100)
    steps = dict(first=(None, None), fast=(None, 1.5))
    counts = dict(first=2 * 10**6, fast=10**6)
    times, peak = time_backends(steps, counts, rounds=3, threads=1)
    # 2e6 operations in 2, 3 and 2 ms.
    assert peak == pytest.approx(1.0)
    assert (times['first'].ratio, times['fast'].ratio) == (1, 4)
    assert (times['fast'].median_ms, times['fast'].file_mb) == (5, 1.5)
    assert times['fast'].p99_ms == pytest.approx(7.94)
    # 1e6 in 5, 5 and 8 ms by 2e6 in 2, 3 and 2 ms.
    assert times['fast'].peak_share == pytest.approx(0.2)


def test_graphs_of_the_same_model_are_timed(tmp_path):
    names = ['eager', 'onnxruntime', 'int8-onnxruntime']
    steps, count = backend_steps(build_toy().eval(), names, SIZE, 1, tmp_path)
    assert list(steps) == names
    for step, _ in steps.values():
        step()
    sizes = [megabytes for _, megabytes in steps.values()]
    assert sizes[0] is None and sizes[2] < 0.3 * sizes[1]
    assert count > 10**8


def test_unknown_backends_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"unknown backends \['toaster'\]"):
        backend_steps(build_toy(), ['eager', 'toaster'], SIZE, 1, tmp_path)


def test_int8_of_a_foreign_detector_is_refused(tmp_path):
    with pytest.raises(ValueError, match='no int8-openvino of a Identity'):
        backend_steps(torch.nn.Identity(), ['int8-openvino'], SIZE, 1, tmp_path)


@pytest.mark.skipif(not hasattr(os, 'sched_getaffinity'), reason='needs Linux')
def test_threads_and_cores_are_pinned_together():
    pin(1)
    assert (len(os.sched_getaffinity(0)), torch.get_num_threads()) == (1, 1)
    with pytest.raises(ValueError, match='2 threads on 1 cores'):
        pin(2)


@pytest.mark.parametrize(
    'ignored', ['--batch=2', '--train-batch=2', '--device=cpu', '--modes=train']
)
def test_options_of_models_are_refused_beside_runtimes(capsys, ignored):
    with pytest.raises(SystemExit) as stopped:
        load_tool('analysis_tools/benchmark.py').parse_args(
            ['CONFIG', '--backends', 'eager', ignored]
        )
    assert stopped.value.code == 2
    option = ignored.partition('=')[0]
    assert f'{option}: runtimes are timed on one image' in capsys.readouterr().err


@pytest.mark.slow
def test_the_tool_prints_and_writes_every_runtime(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(matrix_product, 'PRODUCT_SIDE', 128)
    monkeypatch.setattr(backend_timing, 'PRODUCT_SIDE', 128)
    config = tmp_path / 'toy.py'
    config.write_text(f"default_scope = 'maxsight_mm'\nmodel = {toy_config()!r}\n")
    options = dict(backends='eager,onnxruntime', size=64, rounds=2, threads=1)
    arguments = [part for k, v in options.items() for part in (f'--{k}', str(v))]
    out = tmp_path / 'times.json'
    load_tool('analysis_tools/benchmark.py').main(
        [str(config), *arguments, '--out', str(out)]
    )
    printed = capsys.readouterr().out
    assert '| eager |' in printed and '| onnxruntime |' in printed
    written = json.loads(out.read_text())
    assert set(written['backends']) == {'eager', 'onnxruntime'}
    assert written['threads'] == 1
