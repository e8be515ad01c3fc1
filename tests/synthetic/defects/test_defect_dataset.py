import json

import cv2
import pytest

from maxsight_mm.datasets import validate_coco
from maxsight_mm.synthetic.defects.defect_dataset import (
    DefectSetSettings,
    write_defect_set,
)
from tests.tools.test_dataset_tools import load_tool

SETTINGS = DefectSetSettings(train=6, val=2, views=3)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp('defects') / 'set'
    assert write_defect_set(out, SETTINGS, workers=1)
    return out


def _read(folder, name):
    return json.loads((folder / 'annotations' / f'instances_{name}.json').read_text())


def test_pictures_and_annotations_fit(folder):
    data = _read(folder, 'train')
    assert not validate_coco(data).errors
    assert len(data['images']) == 18
    for image in data['images']:
        picture = cv2.imread(str(folder / 'images' / image['file_name']))
        assert picture.shape == (image['height'], image['width'], 3)


def test_views_of_a_part_are_linked(folder):
    for split, parts in (('train', 6), ('val', 2)):
        images = _read(folder, split)['images']
        assert [(i['part_id'], i['view_id']) for i in images] == [
            (part, view) for part in range(parts) for view in range(3)
        ]


def test_training_and_validation_show_other_parts(folder):
    train, val = (_read(folder, name)['annotations'] for name in ('train', 'val'))
    assert [a['bbox'] for a in train[:4]] != [a['bbox'] for a in val[:4]]


def test_processes_write_what_one_writes(folder, tmp_path):
    write_defect_set(tmp_path / 'set', SETTINGS, workers=2)
    assert _read(tmp_path / 'set', 'train') == _read(folder, 'train')


def test_the_same_settings_keep_a_set_and_others_do_not_touch_it(folder):
    assert not write_defect_set(folder, SETTINGS)
    with pytest.raises(FileExistsError, match='holds a set with other settings'):
        write_defect_set(folder, DefectSetSettings(train=1, val=1))


def test_the_tool_writes_the_split_beside_the_set(tmp_path, capsys):
    out = tmp_path / 'defects'
    arguments = ['defects', str(out), '--train', '10', '--val', '1', '--workers', '1']
    tool = load_tool('dataset_tools/make_synthetic.py')
    assert tool.main([*arguments, '--labelled', '20']) == 0
    labelled = _read(out, 'train_labelled20')
    unlabelled = _read(out, 'train_unlabelled80')
    parts = {image['part_id'] for image in labelled['images']}
    assert len(parts) == 2 and len(labelled['images']) == 4
    assert parts.isdisjoint(image['part_id'] for image in unlabelled['images'])
    assert len(unlabelled['images']) == 16 and unlabelled['annotations'] == []
    assert '10 training and 1 validation parts' in capsys.readouterr().out


def test_a_damaged_set_is_one_line(tmp_path, capsys):
    out = tmp_path / 'defects'
    arguments = ['defects', str(out), '--train', '2', '--val', '0', '--workers', '1']
    tool = load_tool('dataset_tools/make_synthetic.py')
    assert tool.main(arguments) == 0
    (out / 'annotations' / 'instances_train.json').write_text('{')
    capsys.readouterr()
    assert tool.main(arguments) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert 'instances_train.json: line 1' in line


@pytest.mark.parametrize(
    ('option', 'words'),
    [
        (['--labelled', '100'], 'not between 0 and 100'),
        (['--size', '10x10'], '96 to 1024'),
        (['--views', '0'], '0 is not 1 or more'),
    ],
)
def test_bad_options_are_one_line(tmp_path, capsys, option, words):
    tool = load_tool('dataset_tools/make_synthetic.py')
    with pytest.raises(SystemExit) as stopped:
        tool.main(['defects', str(tmp_path / 'x'), *option])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert words in line
