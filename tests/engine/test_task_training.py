"""Image task classifiers in whole trainings: what hooks, weights and resuming do."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch
from mmengine.runner import Runner

from tests.engine.toy_tasks import toy_config, write_toy_table

ADAPTIVE = {
    'optim_wrapper.type': 'BalancedOptimWrapper',
    'optim_wrapper.balancer': dict(type='MetricBalancer', strategy='inverse_accuracy'),
    'default_hooks.adaptive': dict(type='AdaptiveTaskWeightHook'),
}
BALANCED = {
    'model.heads.light.loss': dict(
        type='SafetyCrossEntropyLoss', class_weight='balanced'
    )
}


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp('toy_tasks')
    write_toy_table(folder)
    return folder


def run(root, work_dir, **changes):
    runner = Runner.from_cfg(toy_config(root, work_dir, **changes))
    runner.train()
    return runner


def test_it_learns_both_tasks(root, tmp_path):
    runner = run(root, tmp_path, **{'train_cfg.max_epochs': 12})
    figures = runner.val_loop.run()
    assert figures['tasks/light/accuracy'] >= 0.9
    assert figures['tasks/pattern/accuracy'] >= 0.9


def test_weights_of_a_policy_come_from_the_training_data(root, tmp_path):
    runner = run(root, tmp_path, **BALANCED, **{'train_cfg.max_epochs': 1})
    weight = runner.model.heads['light'].loss_function.class_weight
    torch.testing.assert_close(weight, torch.tensor([24 / 36, 24 / 12]))


@pytest.mark.parametrize('sampler', ['DefaultSampler', 'ClassBalancedSampler'])
def test_double_correction_is_said(root, tmp_path, sampler, monkeypatch):
    said = []
    monkeypatch.setattr(
        'maxsight_mm.engine.hooks.class_weight_hook.print_log',
        lambda text, *_, **__: said.append(text),
    )
    config = toy_config(root, tmp_path, **BALANCED, **{'train_cfg.max_epochs': 1})
    if sampler == 'ClassBalancedSampler':
        config.train_dataloader.sampler = dict(type=sampler, task='light')
    Runner.from_cfg(config).train()
    assert said[0] == 'class weights, light: balanced: dark 0.667 (18), bright 2 (6)'
    twice = [text for text in said if 'made up for twice' in text]
    assert len(twice) == (sampler == 'ClassBalancedSampler')


def test_tasks_are_weighed_anew_after_each_validation(root, tmp_path):
    runner = run(root, tmp_path, **ADAPTIVE)
    assert sum(runner.optim_wrapper.balancer.weights.values()) == pytest.approx(2)
    saved = torch.load(tmp_path / 'epoch_2.pth', weights_only=False)
    # Saved before the validation of its epoch, so with the weights of the one before.
    state = saved['optimizer']['balancer']
    assert sum(state['weights'].values()) == pytest.approx(2)
    resumed = toy_config(root, tmp_path, resume=True, **ADAPTIVE)
    resumed.train_cfg.max_epochs = 3
    for name in ('val_dataloader', 'val_evaluator', 'val_cfg'):
        resumed[name] = None
    resumed.default_hooks.pop('adaptive')
    runner = Runner.from_cfg(resumed)
    runner.train()
    assert runner.optim_wrapper.balancer.weights == pytest.approx(state['weights'])


@pytest.mark.parametrize('weight', [None, 'balanced'])
def test_weights_let_rare_classes_pull_as_hard(root, tmp_path, weight):
    loss = dict(type='SafetyCrossEntropyLoss', class_weight=weight)
    changes = {
        'model.heads.light.loss': loss,
        'default_hooks.gradients': dict(type='ClassGradientHook', interval=3),
        'train_cfg.max_epochs': 1,
        # Nothing is learnt, so that all examples are equally wrong.
        'optim_wrapper.optimizer.lr': 0.0,
    }
    runner = run(root, tmp_path, **changes)
    text = next((tmp_path / runner.timestamp / 'vis_data').glob('scalars.json'))
    lines = [json.loads(line) for line in text.read_text().splitlines()]
    shares = [line for line in lines if 'class_gradient/light/bright' in line]
    # 6 of 24 pictures; with weights 6 * 2 of 18 * 2 / 3 + 6 * 2.
    expected = 0.25 if weight is None else 0.5
    assert shares[0]['class_gradient/light/bright'] == pytest.approx(expected, abs=0.05)
    total = sum(shares[0][f'class_gradient/light/{n}'] for n in ('dark', 'bright'))
    assert total == pytest.approx(1)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'model.heads.light': None}, "task 'light' of the training data has no head"),
        ({'model.heads.noise': dict(num_classes=2)}, "head 'noise': the training"),
        ({'model.heads.light.num_classes': 3}, 'has 3 classes, the training data 2'),
        (
            {'default_hooks.adaptive': dict(type='AdaptiveTaskWeightHook')},
            'BalancedOptimWrapper',
        ),
    ],
)
def test_a_config_that_does_not_fit_is_refused(root, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        run(root, tmp_path, **changes)


DDP_SCRIPT = """
import sys
import torch
from mmengine.runner import Runner
from tests.engine.test_task_training import ADAPTIVE, BALANCED
from tests.engine.toy_tasks import toy_config

torch.set_num_threads(1)
root, work_dir = sys.argv[1:]
config = toy_config(root, work_dir, launcher='pytorch', **ADAPTIVE, **BALANCED)
config.env_cfg = dict(dist_cfg=dict(backend='gloo'))
config.model_wrapper_cfg = dict(
    type='MMDistributedDataParallel', broadcast_buffers=False, device_ids=None
)
# mmengine's launcher chooses a device even where there is none.
torch.cuda.set_device = lambda index: None
runner = Runner.from_cfg(config)
runner.train()
own = torch.cat([p.detach().flatten() for p in runner.model.parameters()])
other = own.clone()
torch.distributed.broadcast(other, 0)
assert torch.equal(own, other), 'ranks differ in weights'
tasks = torch.tensor(list(runner.optim_wrapper.balancer.weights.values()))
theirs = tasks.clone()
torch.distributed.broadcast(theirs, 0)
assert len(tasks) == 2 and torch.equal(tasks, theirs), 'ranks differ in task weights'
torch.distributed.destroy_process_group()
"""


@pytest.mark.ddp
def test_two_ranks_keep_the_same_weights(root, tmp_path):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    address = {'MASTER_ADDR': '127.0.0.1', 'MASTER_PORT': port, 'WORLD_SIZE': '2'}
    path = {'PYTHONPATH': os.pathsep.join([os.getcwd(), *sys.path])}
    processes = [
        subprocess.Popen(
            [sys.executable, '-c', DDP_SCRIPT, str(root), str(tmp_path)],
            env=os.environ | address | path | {'RANK': rank, 'LOCAL_RANK': rank},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ('0', '1')
    ]
    errors = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors[0][-2000:]
