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
from maxsight_mm.evaluation import (
    CalibrationMetric, DetectionMetric, ImageTaskMetric, SafetyMetric
)

if {distributed}:
    torch.distributed.init_process_group('gloo')
evaluator = Evaluator([
    DetectionMetric(), SafetyMetric(), CalibrationMetric(),
    ImageTaskMetric(out_file={out_file!r}),
])
evaluator.dataset_meta = {{
    'classes': ('person', 'car'), 'tasks': {{'risk': ('safe', 'unsafe')}}
}}
for index in range(7):
    if index % get_world_size() != get_rank():
        continue
    rng = np.random.default_rng(index)
    corner = torch.from_numpy(rng.uniform(0, 60, (3, 2)))
    boxes = torch.cat([corner, corner + 30], dim=1)
    logits = torch.from_numpy(rng.normal(size=2))
    labels, levels = (torch.from_numpy(rng.integers(0, n, 3)) for n in (2, 3))
    evaluator.process([{{
        'img_id': index,
        'img_path': f'{{index}}.png',
        'ori_shape': (100, 100),
        'gt_instances': dict(
            bboxes=boxes, labels=labels, zones=levels, urgencies=levels
        ),
        'pred_instances': dict(
            bboxes=boxes + 2, labels=labels.flip(0), zones=levels,
            urgencies=levels.flip(0), scores=torch.from_numpy(rng.random(3)),
        ),
        'gt_tasks': dict(urgency=levels[:1], risk=labels[:1]),
        'pred_tasks': dict(
            urgency_scores=torch.from_numpy(rng.dirichlet([1] * 4)),
            uncertainty=torch.from_numpy(rng.random(1)),
            risk=logits.argmax()[None], risk_logits=logits,
            risk_scores=logits.softmax(0),
        ),
    }}])
result = evaluator.evaluate(7)
if get_rank() == 0:
    print(json.dumps(result))
if {distributed}:
    torch.distributed.destroy_process_group()
"""


def launch(rank, world_size, port, out_file):
    ranks = {'RANK': rank, 'LOCAL_RANK': rank, 'WORLD_SIZE': world_size}
    address = {'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port}
    script = SCRIPT.format(distributed=world_size > 1, out_file=str(out_file))
    return subprocess.Popen(
        [sys.executable, '-c', script],
        env=os.environ
        | {key: str(value) for key, value in (ranks | address).items()}
        | {'PYTHONPATH': os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def figures(world_size, out_file):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    processes = [launch(rank, world_size, port, out_file) for rank in range(world_size)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * world_size
    return json.loads(outputs[0].splitlines()[-1])


@pytest.mark.ddp
def test_two_processes_agree_with_one(tmp_path):
    one, two = tmp_path / 'one.json', tmp_path / 'two.json'
    alone = figures(1, one)
    assert 0 < alone['det/mAP'] < 1 and alone['tasks/risk/images'] == 7
    assert figures(2, two) == pytest.approx(alone, nan_ok=True)
    assert json.loads(two.read_text()) == json.loads(one.read_text())
