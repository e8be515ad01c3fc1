"""Two processes record together, and stop at the same iteration."""

import json
import os
import socket
import subprocess
import sys

import pytest

from maxsight_mm.engine.ssod_monitor import RunRecords

SCRIPT = """
import json, os, pathlib
import torch
from tests.engine.toy_ssod_run import train

torch.distributed.init_process_group('gloo')
rank = int(os.environ['RANK'])
hooks = [
    dict(type='PseudoLabelMonitorHook', interval=5),
    dict(type='ClassProgressHook'),
    dict(type='TrainingGuardHook', action='stop', interval=5, window_iters=5,
         patience_iters=10),
    dict(type='SsodDashboardHook'),
]
# Alone, the losses of rank 0 fall on and those of rank 1 rise: their mean stays.
sign = 1 if rank else -1
runner = train(
    pathlib.Path({work_dir!r}), hooks,
    losses=lambda step: 10.0 + sign * step / 10,
    scores=lambda step: ([0.8 if rank else 0.6], [rank]),
    told=lambda step: {{'det/mAP': 0.1, 'det/AP/Broken': 0.1}},
    iters=30, launcher='pytorch',
    cfg=dict(model_wrapper_cfg=dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False)),
)
print('\\n' + json.dumps([type(runner.model).__name__, runner.iter]))
"""


def launch(rank, port, work_dir):
    ranks = {'RANK': rank, 'LOCAL_RANK': rank, 'WORLD_SIZE': 2}
    address = {'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port}
    return subprocess.Popen(
        [sys.executable, '-c', SCRIPT.format(work_dir=str(work_dir))],
        env=os.environ
        | {key: str(value) for key, value in (ranks | address).items()}
        | {'PYTHONPATH': os.pathsep.join([os.getcwd(), *sys.path])},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.ddp
def test_ranks_pool_their_counts_and_stop_together(tmp_path):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    processes = [launch(rank, port, tmp_path) for rank in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    ends = [json.loads(output.strip().splitlines()[-1]) for output in outputs]
    assert ends == [['MMDistributedDataParallel', 15]] * 2
    found = RunRecords(tmp_path, 'pseudo_labels').read()
    assert [each['step'] for each in found] == [5, 10, 15]
    classes = found[-1]['classes']
    assert [row['seen'] for row in classes.values()] == [5, 5]
    assert [row['mean'] for row in classes.values()] == pytest.approx([0.6, 0.8])
    losses = [each['mean'] for each in RunRecords(tmp_path, 'loss').read()]
    assert losses == pytest.approx([10.0] * 3)
    (event,) = RunRecords(tmp_path, 'guard_events').read()
    assert (event['step'], event['rule']) == (15, 'no_progress')
    assert (tmp_path / 'iter_15.pth').is_file()
