"""Two processes that share the images give the figures of one process."""

import json
import os
import socket
import subprocess
import sys

import pytest

SCRIPT = """
import json
import numpy as np, torch
from mmengine.dist import get_rank, get_world_size
from mmengine.evaluator import Evaluator
from maxsight_mm.evaluation import CalibrationMetric, DetectionMetric, SafetyMetric

if {distributed}:
    torch.distributed.init_process_group('gloo')
evaluator = Evaluator([DetectionMetric(), SafetyMetric(), CalibrationMetric()])
evaluator.dataset_meta = {{'classes': ('person', 'car')}}
for index in range(7):
    if index % get_world_size() != get_rank():
        continue
    rng = np.random.default_rng(index)
    corner = torch.from_numpy(rng.uniform(0, 60, (3, 2)))
    boxes = torch.cat([corner, corner + 30], dim=1)
    labels, levels = (torch.from_numpy(rng.integers(0, n, 3)) for n in (2, 3))
    evaluator.process([{{
        'img_id': index,
        'ori_shape': (100, 100),
        'gt_instances': dict(
            bboxes=boxes, labels=labels, zones=levels, urgencies=levels
        ),
        'pred_instances': dict(
            bboxes=boxes + 2, labels=labels.flip(0), zones=levels,
            urgencies=levels.flip(0), scores=torch.from_numpy(rng.random(3)),
        ),
        'gt_tasks': dict(urgency=levels[:1]),
        'pred_tasks': dict(
            urgency_scores=torch.from_numpy(rng.dirichlet([1] * 4)),
            uncertainty=torch.from_numpy(rng.random(1)),
        ),
    }}])
result = evaluator.evaluate(7)
if get_rank() == 0:
    print(json.dumps(result))
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


def figures(world_size):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    processes = [launch(rank, world_size, port) for rank in range(world_size)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * world_size
    return json.loads(outputs[0].splitlines()[-1])


@pytest.mark.ddp
def test_two_processes_agree_with_one():
    alone = figures(1)
    assert 0 < alone['det/mAP'] < 1
    assert figures(2) == pytest.approx(alone, nan_ok=True)
