"""Two processes train a context stage of which hardly anything is read."""

import os
import socket
import subprocess
import sys

import pytest

SCRIPT = """
import torch
from torch.nn.parallel import DistributedDataParallel
from maxsight_mm.registry import MODELS
from tests.models.toy_context import SMALL_HEADS, build_toy_t5, toy_inputs, toy_samples

torch.set_num_threads(1)
torch.distributed.init_process_group('gloo')
others = {name: None for name in SMALL_HEADS if name not in KEPT}
model = DistributedDataParallel(build_toy_t5(**others).train())
for step in range(2):
    losses = model(toy_inputs(), toy_samples(), mode='loss')
    sum(losses.values()).backward()
assert all(p.grad is not None for p in model.parameters())
torch.distributed.destroy_process_group()
"""


@pytest.mark.ddp
@pytest.mark.parametrize('kept', [('glare',), ('motion', 'depth')])
def test_few_heads_train_on_two_ranks(kept):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    address = {'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port, 'WORLD_SIZE': '2'}
    path = {'PYTHONPATH': os.pathsep.join([os.getcwd(), *sys.path])}
    processes = [
        subprocess.Popen(
            [sys.executable, '-c', f'KEPT = {kept!r}\n{SCRIPT}'],
            env=os.environ | address | path | {'RANK': rank, 'LOCAL_RANK': rank},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ('0', '1')
    ]
    errors = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors[0][-2000:]
