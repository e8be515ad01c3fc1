"""The configs of converted public sets: what they say, and what they learn from."""

import ast
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate

from maxsight_mm.datasets.coco_json import DatasetNotFoundError
from maxsight_mm.datasets.converters import CONVERTERS
from maxsight_mm.datasets.derived_labels import DERIVED
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.registry import DATASETS, METRICS, MODELS

SETS = {
    'real_text': 'icdar2015',
    'real_flow': 'middlebury',
    'real_depth': 'rgbd',
    'real_sound': 'esc10',
    'real_tracks': 'mot',
}
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Loads a config as if ``tmp_path`` were the folder of all data."""
    monkeypatch.setenv('MAXSIGHT_DATA', str(tmp_path))
    return lambda name: load_config(f'configs/demo/{name}.py')


@pytest.mark.parametrize(('name', 'source'), SETS.items())
def test_absent_data_are_named_with_the_command_that_makes_them(name, source, load):
    assert source in CONVERTERS
    config = load(name)
    for loader in LOADERS:
        with pytest.raises(DatasetNotFoundError) as caught:
            DATASETS.build(config[loader].dataset)
        command = f'convert.py {source} SOURCE data/converted/{source}'
        assert command in str(caught.value)
        assert 'MAXSIGHT_DATA' in str(caught.value)
    docstring = ast.get_docstring(ast.parse(Path(config.filename).read_text()))
    assert command in docstring


@pytest.mark.parametrize('name', SETS)
def test_every_derived_target_is_prepared_in_training_and_judging(name, load):
    config = load(name)
    heads = config.model.context_stage.heads.values()
    wanted = {t for head in heads for t in MODELS.get(head.type).targets} & set(DERIVED)
    for loader in LOADERS:
        steps = config[loader].dataset.pipeline
        prepared = {x for s in steps for x in s.get('labels', ())}
        assert wanted == prepared


def test_sounds_are_named_for_all_outputs(load):
    config = load('real_sound')
    outputs = config.model.context_stage.heads.sound_event.num_classes
    for loader in LOADERS:
        assert len(config[loader].dataset.metainfo.sound_labels) == outputs


def test_pictures_without_boxes_teach_depth_and_nothing_else(load, tmp_path):
    source = tmp_path / 'source'
    for folder in ('color', 'depth'):
        (source / folder).mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    for i in range(5):
        cv2.imwrite(str(source / f'color/{i}.png'), pixels)
        depth = np.full(pixels.shape[:2], 2000, np.uint16)
        cv2.imwrite(str(source / f'depth/{i}.png'), depth)
    CONVERTERS['rgbd'](source, tmp_path / 'converted/rgbd')
    config = load('real_depth')
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    dataset = DATASETS.build(config.train_dataloader.dataset)
    batch = model.data_preprocessor(pseudo_collate([dataset[0], dataset[1]]), True)
    losses = model.loss(batch['inputs'], batch['data_samples'])
    assert {name for name, loss in losses.items() if loss != 0} == {'loss_depth'}
    sum(losses.values()).backward()

    dataset = DATASETS.build(config.val_dataloader.dataset)
    batch = pseudo_collate([dataset[0]])
    samples = model.eval().val_step(batch)
    metric = METRICS.build(config.val_evaluator[0])
    metric.dataset_meta = dataset.metainfo
    metric.process(batch, [sample.to_dict() for sample in samples])
    judged = metric.evaluate(size=1)
    assert {name.split('/')[1] for name in judged} == {'depth'}
