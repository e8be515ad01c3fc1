"""The tiers are a ladder: each stands on the one below and keeps what it has."""

import ast
from pathlib import Path

import pytest

from maxsight_mm.datasets.derived_labels import DERIVED
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.parameter_counts import SEED_MILLIONS, build_without_memory
from maxsight_mm.models.enhancement_heads.temporal_global_head import TemporalGlobalHead
from maxsight_mm.models.heads import ContextGlobalHead
from maxsight_mm.models.navigation_heads.placed_global_head import PlacedGlobalHead
from maxsight_mm.registry import MODELS

ROOT = Path(__file__).parents[2] / 'configs'
TIERS = [f'tier_t{index}' for index in range(6)]
TOKEN_READERS = (ContextGlobalHead, PlacedGlobalHead, TemporalGlobalHead)
STEPS = list(zip(TIERS, TIERS[1:], strict=False))


def base_of(name: str) -> str | None:
    """What the config names as its base, if that is one config."""
    for node in ast.parse((ROOT / f'{name}.py').read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == (
            '_base_'
        ):
            value = ast.literal_eval(node.value)
            return value if isinstance(value, str) else None
    return None


@pytest.fixture(scope='module')
def configs():
    return {name: load_config(str(ROOT / f'{name}.py')) for name in TIERS}


def heads_of(config) -> dict[str, str]:
    stage = config.model.get('context_stage') or {}
    both = {**config.model.safety_heads, **stage.get('heads', {})}
    return {name: head['type'] for name, head in both.items() if head is not None}


def parts_of(config) -> set[str]:
    stage = config.model.get('context_stage') or {}
    return {k for k, v in stage.get('context_pass', {}).items() if v is not None}


@pytest.mark.parametrize(('below', 'tier'), STEPS)
def test_each_tier_inherits_the_one_below(below, tier):
    assert base_of(tier) == f'./{below}.py'


@pytest.mark.parametrize(('below', 'tier'), STEPS)
def test_heads_and_parts_grow(below, tier, configs):
    lower, upper = heads_of(configs[below]), heads_of(configs[tier])
    assert lower.items() < upper.items()
    assert parts_of(configs[below]) <= parts_of(configs[tier])


def test_the_highest_tier_has_every_context_head_once(configs):
    heads = heads_of(configs['tier_t5'])
    assert len(heads) >= 30
    assert len(set(heads.values())) == len(heads)


@pytest.mark.parametrize(('below', 'tier'), STEPS)
def test_the_safety_part_is_the_same_in_every_tier(below, tier, configs):
    for part in ('safety_pass', 'safety_heads', 'train_cfg', 'test_cfg'):
        assert configs[tier].model[part] == configs[below].model[part], part


@pytest.mark.parametrize(('below', 'tier'), STEPS)
def test_a_tier_prepares_all_labels_of_the_one_below(below, tier, configs):
    """Lists replace: a child that forgets its base's steps loses its labels."""

    def labels(config, loader) -> set[str]:
        steps = config[loader].dataset.pipeline
        return {
            name
            for step in steps
            if step['type'] == 'DeriveTaskLabels'
            for name in step['labels']
        }

    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        assert labels(configs[below], loader) <= labels(configs[tier], loader)
        types = [s['type'] for s in configs[tier][loader].dataset.pipeline]
        assert types[-1] == 'PackTaskInputs'
        assert types.count('PackTaskInputs') == 1


COLOURS = ('PhotoMetricDistortion', 'ChangeColours', 'SimulateCondition')


@pytest.mark.parametrize('tier', TIERS[1:])
@pytest.mark.parametrize('loader', ['train_dataloader', 'test_dataloader'])
def test_labels_are_read_once_from_the_picture_as_the_network_sees_it(
    tier, loader, configs
):
    types = [s['type'] for s in configs[tier][loader].dataset.pipeline]
    assert types.count('DeriveTaskLabels') == 1
    assert types[-2:] == ['DeriveTaskLabels', 'PackTaskInputs']


@pytest.mark.parametrize('tier', TIERS[2:])
def test_colours_of_a_clip_change_together(tier, configs):
    types = [s['type'] for s in configs[tier].train_dataloader.dataset.pipeline]
    colours = {name for name in types if name in COLOURS}
    assert colours == {'ChangeColours'}
    assert types.index('LoadClip') < types.index('ChangeColours')


@pytest.mark.parametrize('tier', TIERS)
def test_a_test_draws_nothing_at_random(tier, configs):
    """Nothing is simulated where safety is judged."""
    steps = configs[tier].test_dataloader.dataset.pipeline
    assert not {s['type'] for s in steps} & {*COLOURS, 'TaskRandomFlip', 'RandomZoom'}


def test_conditions_are_judged_on_pictures_that_stay_the_same():
    config = load_config(str(ROOT / 'demo' / 'street_conditions.py'))
    for loader in ('val_dataloader', 'test_dataloader'):
        steps = config[loader].dataset.pipeline
        (step,) = [s for s in steps if s['type'] == 'SimulateCondition']
        assert step['seed_by_image'] is True
    assert [metric['type'] for metric in config.test_evaluator] == ['TaskMetric']
    assert config.default_hooks.checkpoint.save_best is None


@pytest.mark.parametrize('config', [*TIERS[3:], 'demo/street_t5'])
def test_cross_task_tokens_are_read_by_heads(config):
    config = load_config(str(ROOT / f'{config}.py'))
    readers = {
        name
        for name, kind in heads_of(config).items()
        if issubclass(MODELS.get(kind), TOKEN_READERS)
    }
    tasks = config.model.context_stage.context_pass.cross_task.tasks
    assert set(tasks) <= readers


@pytest.mark.parametrize('tier', TIERS[3:])
def test_every_reader_of_a_task_token_has_one(tier, configs):
    readers = {
        name
        for name, kind in heads_of(configs[tier]).items()
        if issubclass(MODELS.get(kind), TOKEN_READERS)
    }
    stage = configs[tier].model.context_stage
    assert set(stage.context_pass.cross_task.tasks) == readers


@pytest.mark.parametrize('tier', TIERS)
def test_every_derived_target_of_a_tier_is_prepared(tier, configs):
    """A head without its label would learn nothing and not complain."""
    pipeline = configs[tier].train_dataloader.dataset.pipeline
    prepared = {
        name
        for step in pipeline
        if step['type'] == 'DeriveTaskLabels'
        for name in step['labels']
    }
    wanted = {
        target
        for kind in heads_of(configs[tier]).values()
        for target in MODELS.get(kind).targets
    }
    assert wanted & set(DERIVED) <= prepared


@pytest.mark.parametrize('tier', TIERS)
def test_parameters_are_those_of_the_seed_to_a_tenth(tier):
    model = build_without_memory(str(ROOT / f'{tier}.py'))
    assert all(parameter.is_meta for parameter in model.parameters())
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    assert millions == pytest.approx(SEED_MILLIONS[tier], rel=0.1)


def test_the_seed_counts_are_the_documented_ones():
    assert list(SEED_MILLIONS.values()) == [29, 50, 210, 250, 280, 320]


@pytest.mark.parametrize('tier', TIERS)
def test_built_heads_are_those_of_the_config(tier, configs):
    model = build_without_memory(str(ROOT / f'{tier}.py'))
    stage = model.context_stage
    built = [*model.safety_heads, *(stage.heads if stage is not None else ())]
    kinds = {head.task: type(head).__name__ for head in built}
    assert set(kinds.values()) == set(heads_of(configs[tier]).values())
    # Names in the config are the names of the tasks: a child changes a head by it.
    assert kinds == heads_of(configs[tier])


@pytest.mark.parametrize(('demo', 'tier'), [('street_t2', 'tier_t2')])
def test_a_demo_has_the_heads_of_its_tier(demo, tier, configs):
    config = load_config(str(ROOT / 'demo' / f'{demo}.py'))
    assert heads_of(config) == heads_of(configs[tier])
    assert parts_of(config) == parts_of(configs[tier])


def test_the_t5_demo_has_the_heads_its_data_label(configs):
    """Street pictures are seen by no eye condition; that head has no label there."""
    config = load_config(str(ROOT / 'demo' / 'street_t5.py'))
    assert heads_of(config).items() <= heads_of(configs['tier_t5']).items()
    missing = heads_of(configs['tier_t5']).keys() - heads_of(config).keys()
    assert missing == {'condition'}
    assert parts_of(config) == parts_of(configs['tier_t5'])


@pytest.mark.parametrize('demo', ['street_t2', 'street_t5'])
def test_a_demo_is_small(demo):
    model = build_without_memory(str(ROOT / 'demo' / f'{demo}.py'))
    assert sum(parameter.numel() for parameter in model.parameters()) < 25e6
