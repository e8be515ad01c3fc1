"""Every config reads, builds its model, and says what a reader needs first."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.inference import classes_of
from maxsight_mm.registry import MODELS
from maxsight_mm.synthetic.street import STREET_CLASSES
from maxsight_mm.taxonomy.defects import DEFECT_CLASSES

ROOT = Path(__file__).parents[2] / 'configs'
ALL = sorted(ROOT.rglob('*.py'))
USED = [path for path in ALL if '_base_' not in path.parts]
EXPERIMENTS = [path for path in USED if 'deploy' not in path.parts]


def test_stems_are_unique():
    """Work dirs are named after them."""
    twice = [s for s, n in Counter(p.stem for p in USED).items() if n > 1]
    assert twice == []


@pytest.mark.parametrize('path', ALL, ids=lambda p: p.stem)
def test_opens_with_a_docstring_and_has_no_absolute_path(path):
    text = path.read_text()
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring
    if path in USED:
        for word in ('Command:', 'Hardware:', 'Result'):
            assert word in docstring
    assert "'/" not in text


def _class_counts(config) -> list[int]:
    """Every ``num_classes`` in a model's config."""
    found = []
    for name, value in config.items():
        if name == 'num_classes':
            found.append(value)
        elif isinstance(value, dict):
            found += _class_counts(value)
    return found


@pytest.mark.parametrize('path', EXPERIMENTS, ids=lambda p: p.stem)
def test_builds_a_model_that_fits_its_classes(path):
    config = load_config(str(path))
    model = MODELS.build(config.model)
    assert sum(p.numel() for p in model.parameters()) > 5e5
    classes = config.val_dataloader.dataset.get('metainfo', {}).get('classes')
    if classes:
        assert set(_class_counts(config.model)) == {len(classes)}


@pytest.mark.parametrize('path', EXPERIMENTS, ids=lambda p: p.stem)
def test_a_context_stage_is_clipped_and_scaled_apart(path):
    config = load_config(str(path))
    if config.model.get('context_stage'):
        hooks = [hook.type for hook in config.default_hooks.values() if hook]
        assert 'SeparateClipHook' in hooks


# Others bring their classes with the data.
@pytest.mark.parametrize(
    'path',
    [path for path in EXPERIMENTS if path.stem.startswith(('tier_', 'street_'))],
    ids=lambda p: p.stem,
)
def test_classes_are_known_without_the_data(path):
    config = load_config(str(path))
    assert (
        len(classes_of(config)) == config.model.safety_heads.classification.num_classes
    )


def test_street_classes_are_those_that_are_drawn():
    config = load_config(str(ROOT / 'demo' / 'street_t0.py'))
    for loader in (config.train_dataloader, config.val_dataloader):
        assert tuple(loader.dataset.metainfo.classes) == STREET_CLASSES


def test_defects_are_those_that_are_drawn():
    config = load_config(str(ROOT / 'defects' / 'ours.py'))
    assert tuple(config.val_dataloader.dataset.metainfo.classes) == DEFECT_CLASSES
