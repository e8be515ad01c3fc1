"""The tiers are a ladder: each stands on the one below and keeps what it has."""

import ast
from pathlib import Path

import pytest

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.parameter_counts import SEED_MILLIONS, build_without_memory

ROOT = Path(__file__).parents[2] / 'configs'
TIERS = [f'tier_t{index}' for index in range(6)]
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


@pytest.mark.parametrize('tier', TIERS)
def test_every_derived_target_of_a_tier_is_prepared(tier, configs):
    """A head without its label would learn nothing and not complain."""
    from maxsight_mm.datasets.derived_labels import DERIVED
    from maxsight_mm.registry import MODELS

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
