"""The arms of the kitchen experiment differ in what they say they differ in."""

import json

import pytest
import torch
from mmengine.dataset import pseudo_collate

from maxsight_mm.datasets.coco_json import DatasetNotFoundError
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.registry import DATASETS, MODELS
from maxsight_mm.synthetic.kitchen.kitchen_dataset import (
    KitchenSetSettings,
    write_kitchen_set,
)
from maxsight_mm.taxonomy.kitchen import KITCHEN_CLASSES

FOLDER = 'configs/kitchen'
ARMS = ('natural', 'weighted', 'balanced', 'both')
KINDS = ('kitchen', 'demo')
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def load(name):
    return load_config(f'{FOLDER}/{name}.py')


@pytest.mark.parametrize('kind', KINDS)
def test_arms_differ_in_weights_and_training_set_alone(kind):
    dumps = set()
    for arm in ARMS:
        config = load(f'{kind}_{arm}').to_dict()
        weight = config['model']['bbox_head']['loss_cls'].pop('class_weight', None)
        # Above 1 for a bare hand, and only for that.
        assert weight == ([1.0, 10.0] if arm in ('weighted', 'both') else None)
        roots = {config[loader]['dataset'].pop('data_root') for loader in LOADERS}
        mix = 'collected' if arm in ('balanced', 'both') else 'natural'
        assert roots == {f'data/kitchen_{mix}/'}
        del config['work_dir']
        dumps.add(json.dumps(config, sort_keys=True, default=str))
    assert len(dumps) == 1


@pytest.mark.parametrize('name', [f'{k}_{a}' for k in KINDS for a in ARMS])
def test_classes_are_those_that_are_drawn_and_empty_pictures_stay(name):
    config = load(name)
    for loader in LOADERS:
        dataset = config[loader].dataset
        assert tuple(dataset.metainfo.classes) == KITCHEN_CLASSES
        assert not dataset.get('filter_cfg')
    assert any(hook.type == 'PredictionFileHook' for hook in config.custom_hooks)


@pytest.mark.parametrize('name', ['demo_natural', 'demo_gloves'])
def test_demos_see_160_pixels(name):
    config = load(name)
    for loader in LOADERS:
        assert config[loader].num_workers == 0
        steps = config[loader].dataset.pipeline
        assert [s.scale for s in steps if s.type == 'Resize'] == [(160, 160)]


def test_a_picture_without_hands_and_one_with_are_learnt_from(tmp_path):
    settings = KitchenSetSettings(train=12, val=2, mix='collected', width=96, height=96)
    write_kitchen_set(tmp_path / 'set', settings, workers=1)
    config = load('demo_both')
    for loader in LOADERS:
        config[loader].dataset.data_root = str(tmp_path / 'set')
    dataset = DATASETS.build(config.train_dataloader.dataset)
    assert len(dataset) == 12
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    batch = [dataset[i] for i in range(12)]
    counts = [len(each['data_samples'].gt_instances) for each in batch]
    assert 0 in counts and max(counts) > 0
    data = model.data_preprocessor(pseudo_collate(batch), True)
    losses = model.loss(data['inputs'], data['data_samples'])
    assert sum(losses.values()).isfinite()
    sum(losses.values()).backward()
    # A batch without any hand is nothing special.
    empty = [each for each, count in zip(batch, counts, strict=True) if not count]
    data = model.data_preprocessor(pseudo_collate([empty[0], empty[0]]), True)
    losses = model.loss(data['inputs'], data['data_samples'])
    assert sum(losses.values()).isfinite()


@pytest.mark.parametrize('name', ['gloves', 'demo_gloves'])
def test_real_set_is_looked_for_where_the_variable_says(name, tmp_path, monkeypatch):
    monkeypatch.setenv('MAXSIGHT_DATA', str(tmp_path))
    config = load(name)
    for loader in LOADERS:
        with pytest.raises(DatasetNotFoundError, match='set MAXSIGHT_DATA to the'):
            DATASETS.build(config[loader].dataset)


def test_real_set_is_read_with_gloves_first(tmp_path, monkeypatch):
    monkeypatch.setenv('MAXSIGHT_DATA', str(tmp_path))
    folder = tmp_path / 'gloves_yolo' / 'coco'
    folder.mkdir(parents=True)
    data = dict(
        images=[dict(id=0, file_name='a.jpg', width=64, height=64)],
        categories=[dict(id=1, name='Hand'), dict(id=2, name='Hand-in-Glove')],
        annotations=[
            # Out of the picture by a pixel, as hand-drawn boxes are.
            dict(id=0, image_id=0, category_id=1, bbox=[60, 0, 5, 9], iscrowd=0),
            dict(id=1, image_id=0, category_id=2, bbox=[0, 0, 9, 9], iscrowd=0),
        ],
    )
    for split in ('train', 'val'):
        (folder / f'instances_{split}.json').write_text(json.dumps(data))
    config = load('demo_gloves')
    for loader in ('train_dataloader', 'val_dataloader'):
        dataset = DATASETS.build(config[loader].dataset)
        instances = dataset.get_data_info(0)['instances']
        assert [each['bbox_label'] for each in instances] == [1, 0]
        assert instances[0]['bbox'] == [60, 0, 64, 9]
