import json
from collections import Counter

import cv2
import numpy as np
import pytest

from maxsight_mm.datasets import MaxSightCocoDataset, validate_coco
from maxsight_mm.synthetic.kitchen import KitchenWorld
from maxsight_mm.synthetic.kitchen.kitchen_dataset import (
    KitchenSetSettings,
    write_kitchen_set,
)
from maxsight_mm.taxonomy.kitchen import KITCHEN_CLASSES
from tests.tools.test_dataset_tools import load_tool

SETTINGS = KitchenSetSettings(train=100, val=20, mix='collected', width=96, height=96)
TOOL = 'dataset_tools/make_synthetic.py'


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp('kitchen') / 'set'
    assert write_kitchen_set(out, SETTINGS, workers=1)
    return out


def _read(folder, split):
    return json.loads((folder / 'annotations' / f'instances_{split}.json').read_text())


def test_pictures_and_annotations_fit(folder):
    for split, number in (('train', 100), ('val', 20)):
        data = _read(folder, split)
        assert not validate_coco(data).errors
        assert len(data['images']) == number
        for image in data['images'][:5]:
            picture = cv2.imread(str(folder / 'images' / image['file_name']))
            assert picture.shape == (image['height'], image['width'], 3)
        for annotation in data['annotations']:
            width, height = annotation['bbox'][2:]
            assert 0 < annotation['area'] <= width * height
            bare = annotation['glove'] == 'none' or annotation['torn']
            assert KITCHEN_CLASSES[annotation['category_id'] - 1] == (
                'hand_without_glove' if bare else 'hand_with_glove'
            )


def test_every_picture_says_its_scenario(folder):
    images = _read(folder, 'train')['images']
    assert Counter(image['scenario'] for image in images) == dict(
        violation=40, proper=35, edge_case=15, background=10
    )
    assert all(bool(i['troubles']) == (i['scenario'] == 'edge_case') for i in images)


def test_validation_is_natural_and_equal_for_every_training_mix(folder, tmp_path):
    settings = KitchenSetSettings(train=0, val=20, mix='natural', width=96, height=96)
    write_kitchen_set(tmp_path / 'set', settings, workers=1)
    assert _read(tmp_path / 'set', 'val') == _read(folder, 'val')
    for name in ('000000.jpg', '000019.jpg'):
        path = f'images/val/{name}'
        assert (tmp_path / 'set' / path).read_bytes() == (folder / path).read_bytes()


def test_more_pictures_leave_the_first_as_they_are(folder, tmp_path):
    settings = KitchenSetSettings(train=7, val=0, mix='collected', width=96, height=96)
    write_kitchen_set(tmp_path / 'set', settings, workers=1)
    few, many = _read(tmp_path / 'set', 'train'), _read(folder, 'train')
    assert few['images'] == many['images'][:7]
    assert few['annotations'] == many['annotations'][: len(few['annotations'])]
    assert not (tmp_path / 'set' / 'annotations' / 'instances_val.json').exists()


def test_a_picture_is_the_scene_of_its_index(folder):
    image = _read(folder, 'train')['images'][3]
    scene = KitchenWorld(96, 96).scene(3, image['scenario'])
    saved = cv2.imread(str(folder / 'images' / image['file_name']))
    assert np.abs(saved.astype(int) - scene.image).mean() < 8


def test_processes_write_what_one_writes(folder, tmp_path):
    write_kitchen_set(tmp_path / 'set', SETTINGS, workers=2)
    for split in ('train', 'val'):
        assert _read(tmp_path / 'set', split) == _read(folder, split)


def test_the_data_set_class_reads_it_with_the_empty_pictures(folder):
    dataset = MaxSightCocoDataset(
        ann_file='annotations/instances_val.json',
        data_root=str(folder),
        data_prefix=dict(img='images/'),
        metainfo=dict(classes=KITCHEN_CLASSES),
    )
    assert len(dataset) == 20
    labels = [[i['bbox_label'] for i in dataset[n]['instances']] for n in range(20)]
    assert [] in labels and [0] in labels


def test_the_same_settings_keep_a_set_and_others_do_not_touch_it(folder):
    assert not write_kitchen_set(folder, SETTINGS)
    with pytest.raises(FileExistsError, match='holds a set with other settings'):
        write_kitchen_set(folder, KitchenSetSettings(train=1, val=1))


def test_bad_settings_leave_nothing(tmp_path):
    for settings in (KitchenSetSettings(mix='half'), KitchenSetSettings(width=10)):
        with pytest.raises(ValueError):
            write_kitchen_set(tmp_path / 'set', settings, workers=1)
    assert not list(tmp_path.iterdir())


def test_the_tool_writes_a_set_and_says_what_is_in_it(tmp_path, capsys):
    out = tmp_path / 'kitchen'
    arguments = ['kitchen', str(out), '--train', '100', '--val', '25', '--workers', '1']
    tool = load_tool(TOOL)
    assert tool.main([*arguments, '--size', '96x96', '--seed', '1']) == 0
    text = capsys.readouterr().out
    assert '100 training and 25 validation images' in text
    (line,) = [line for line in text.splitlines() if 'instances_train' in line]
    assert '4 violation, 18 proper, 2 edge_case, 76 background' in line
    settings = json.loads((out / 'dataset.json').read_text())
    assert settings['mix'] == 'natural' and settings['seed'] == 1
    assert tool.main([*arguments, '--size', '96x96', '--seed', '1']) == 0
    assert 'already there' in capsys.readouterr().out


def test_a_damaged_set_is_one_line(tmp_path, capsys):
    out = tmp_path / 'kitchen'
    arguments = ['kitchen', str(out), '--train', '1', '--val', '0', '--workers', '1']
    tool = load_tool(TOOL)
    assert tool.main(arguments) == 0
    (out / 'annotations' / 'instances_train.json').write_text('{')
    capsys.readouterr()
    assert tool.main(arguments) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert 'instances_train.json: line 1' in line


@pytest.mark.parametrize(
    ('option', 'words'),
    [
        (['--mix', 'half'], "invalid choice: 'half'"),
        (['--size', '10x10'], '96 to 1024'),
        (['--train', '-1'], 'is not 0 to'),
        (['--train', '0', '--val', '0'], 'are both 0'),
    ],
)
def test_bad_options_are_one_line(tmp_path, capsys, option, words):
    with pytest.raises(SystemExit) as stopped:
        load_tool(TOOL).main(['kitchen', str(tmp_path / 'x'), *option])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line
