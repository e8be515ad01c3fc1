"""The recipes for incidents are what their flags say, and differ in nothing else."""

import ast
from argparse import ArgumentParser

import pytest
import torch
from mmengine.dataset import pseudo_collate

from maxsight_mm.datasets.coco_json import DatasetNotFoundError
from maxsight_mm.engine.config_loading import load_config, replace_values
from maxsight_mm.engine.task_options import add_task_flags, task_options
from maxsight_mm.registry import DATASETS, MODELS
from maxsight_mm.synthetic.incidents import TASKS
from maxsight_mm.synthetic.incidents.incident_dataset import (
    IncidentSetSettings,
    write_incident_set,
)
from tests.tool_run import run_tool

FOLDER = 'configs/adaptive'
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
MIXED = '--loss-types action_class ce severity focal offence ce'
RECIPES = {
    'simple': '--balanced-sampling severity --disable-class-weights',
    'advanced': f'--effective-class-weights {MIXED}',
    'research': '--effective-class-weights --adaptive-weights '
    f'--weighting-strategy difficulty {MIXED}',
}
# What a demo is of the uniform one.
ARMS = {
    'uniform': '',
    'effective': '--effective-class-weights',
    'focal': '--loss-types severity focal',
    **{
        name: f'--adaptive-weights --weighting-strategy {name}'
        for name in ('inverse_accuracy', 'inverse_f1', 'difficulty')
    },
    **RECIPES,
}

# Those without a flag.
WEIGHTED = {
    'balanced': 'balanced',
    'effective_examples': dict(policy='effective_number', mean_of='examples'),
}
LOUDER = {'severity_4': 'uniform', 'focal_4': 'focal'}


def load(name):
    return load_config(f'{FOLDER}/{name}.py')


def with_flags(config, flags):
    parser = ArgumentParser()
    add_task_flags(parser)
    replace_values(config, task_options(parser.parse_args(flags.split()), config))
    return config


def content(config):
    """All that decides a training. A loss without a word on weights has none."""
    values = config.to_dict()
    for head in values['model']['heads'].values():
        head['loss'].setdefault('class_weight', None)
    # Beside the configs' own names: pieces that they are put together of.
    kept = ('model', 'optim_wrapper', 'param_scheduler', 'train_cfg', 'val_evaluator')
    kept += (*LOADERS, 'default_hooks', 'custom_hooks', 'randomness', 'tasks')
    return {name: values.get(name) for name in kept}


def test_heads_are_of_the_tasks_that_are_drawn():
    config = load('multi_task_uniform')
    assert {k: tuple(v) for k, v in config.tasks.items()} == TASKS
    heads = config.model.heads
    assert {t: heads[t].num_classes for t in heads} == {
        task: len(names) for task, names in TASKS.items()
    }


@pytest.mark.parametrize('recipe', RECIPES)
def test_recipes_are_what_their_flags_print(recipe):
    base = f'{FOLDER}/multi_task_uniform.py'
    flags = ('--multi-task', *RECIPES[recipe].split())
    run = run_tool('train_tasks.py', base, *flags, '--print-options')
    assert run.returncode == 0, run.stderr
    config = load(f'multi_task_{recipe}')
    for key, value in ast.literal_eval(run.stdout).items():
        node = config
        for part in key.split('.'):
            node = node[part]
        assert node == value, key


@pytest.mark.parametrize('recipe', RECIPES)
def test_recipes_differ_from_plain_losses_in_their_flags_alone(recipe):
    plain = with_flags(load('multi_task_uniform'), RECIPES[recipe])
    assert content(load(f'multi_task_{recipe}')) == content(plain)


def test_sampling_without_a_task_would_even_out_the_actions():
    """So the simple recipe names severity, which is 1000 : 1."""
    bare = with_flags(load('multi_task_uniform'), '--balanced-sampling')
    assert bare.train_dataloader.sampler.task == 'action_class'


@pytest.mark.parametrize('arm', ARMS)
def test_demos_differ_from_the_uniform_one_in_their_flags_alone(arm):
    plain = with_flags(load('demo_incidents_uniform'), ARMS[arm])
    assert content(load(f'demo_incidents_{arm}')) == content(plain)


@pytest.mark.parametrize(('arm', 'weights'), WEIGHTED.items())
def test_weighted_demos_have_their_weights_in_all_tasks(arm, weights):
    config = load(f'demo_incidents_{arm}')
    for head in config.model.heads.values():
        assert head.loss.pop('class_weight') == weights
    assert content(config) == content(load('demo_incidents_uniform'))


@pytest.mark.parametrize(('arm', 'base'), LOUDER.items())
def test_louder_demos_have_four_times_the_loss_of_severity(arm, base):
    config = load(f'demo_incidents_{arm}')
    assert config.model.heads.severity.pop('loss_weight') == 4.0
    assert content(config) == content(load(f'demo_incidents_{base}'))


@pytest.mark.parametrize('arm', [*ARMS, *WEIGHTED, *LOUDER])
def test_demos_are_small_and_end_with_a_validation(arm):
    config = load(f'demo_incidents_{arm}')
    schedule = config.train_cfg
    assert schedule.max_epochs // schedule.val_interval >= 6
    assert schedule.max_epochs % schedule.val_interval == 0
    assert config.model.backbone.base_channels == 16
    assert config.model.backbone.init_cfg is None
    for loader in LOADERS:
        steps = config[loader].dataset.pipeline
        assert not [s for s in steps if s.type in ('Resize', 'RandomCrop')]


@pytest.mark.parametrize('name', ['multi_task_research', 'demo_incidents_research'])
def test_data_are_loaded_in_the_training_process(name):
    config = load(name)
    for loader in LOADERS:
        assert config[loader].num_workers == 0
        assert not config[loader].persistent_workers


def test_the_set_is_looked_for_where_the_variable_says(tmp_path, monkeypatch):
    monkeypatch.setenv('MAXSIGHT_DATA', str(tmp_path))
    config = load('demo_incidents_uniform')
    for loader in LOADERS:
        with pytest.raises(DatasetNotFoundError, match=r'make_synthetic\.py incidents'):
            DATASETS.build(config[loader].dataset)


@pytest.mark.parametrize('arm', ['uniform', 'focal'])
def test_a_batch_with_empty_cells_is_learnt_from(arm, tmp_path, monkeypatch):
    monkeypatch.setenv('MAXSIGHT_DATA', str(tmp_path))
    write_incident_set(tmp_path / 'incidents', IncidentSetSettings(train=120, val=0))
    config = load(f'demo_incidents_{arm}')
    dataset = DATASETS.build(config.train_dataloader.dataset)
    labelled = [set(dataset.get_data_info(i)['gt_tasks']) for i in range(len(dataset))]
    gaps = [i for i, tasks in enumerate(labelled) if tasks != set(TASKS)]
    assert gaps
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    batch = pseudo_collate([dataset[i] for i in [*gaps[:2], 0, 1]])
    data = model.data_preprocessor(batch, True)
    losses = model.loss(data['inputs'], data['data_samples'])
    assert all(loss.isfinite() for loss in losses.values())
    sum(losses.values()).backward()
