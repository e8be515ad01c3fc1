"""Two processes that share the views get the thresholds of one that sees them all."""

import json
import os
import socket
import subprocess
import sys

import pytest

SCRIPT = """
import json
import torch
from mmengine.dist import get_rank, get_world_size
from maxsight_mm.models.task_modules.pseudo_labels import PseudoLabelGovernor

if {distributed}:
    torch.distributed.init_process_group('gloo')
governor = PseudoLabelGovernor(3, capacity=4096)
for index in range(60):
    if index % get_world_size() != get_rank():
        continue
    draw = torch.Generator().manual_seed(index)
    is_true = torch.rand(90, generator=draw) < 0.3
    scores = torch.rand(90, generator=draw) * 0.6 + 0.3 * is_true
    labels = torch.randint(0, 2, (90,), generator=draw)
    governor.observe(scores, labels, num_views=8)
    governor.observe_labelled(scores, labels, is_true, torch.ones(3).long())
# The ranks count their own labelled boxes: the mean is that of one process.
own = 1 + 0.5 * (get_rank() - 0.5) * (get_world_size() - 1)
for _ in range(4):
    governor.update(torch.tensor([2.0, own, 0.0]))
print(json.dumps([governor.thresholds.tolist(), governor.precision.sum(1).tolist(),
                  governor.status]))
if {distributed}:
    torch.distributed.destroy_process_group()
"""


def launch(rank, world_size, port):
    ranks = {'RANK': rank, 'LOCAL_RANK': rank, 'WORLD_SIZE': world_size}
    address = {'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port}
    return subprocess.Popen(
        [sys.executable, '-c', SCRIPT.format(distributed=world_size > 1)],
        env=os.environ
        | {key: str(value) for key, value in (ranks | address).items()}
        | {'PYTHONPATH': os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def states(world_size):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    processes = [launch(rank, world_size, port) for rank in range(world_size)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * world_size
    return [json.loads(output.splitlines()[-1]) for output in outputs]


@pytest.mark.ddp
def test_ranks_agree_with_each_other_and_with_one_process():
    alone = states(1)[0]
    first, second = states(2)
    assert first == second
    assert first[0] == pytest.approx(alone[0], abs=1e-3)
    assert first[1] == pytest.approx(alone[1], rel=1e-3)
    assert first[2] == alone[2]
    assert first[2][2] == 'no labelled boxes'
