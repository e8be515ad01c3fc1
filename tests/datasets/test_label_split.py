import itertools
import json

import pytest

from maxsight_mm.datasets.label_split import split_labelled, write_split
from tests.tools.test_dataset_tools import load_tool


def _data(parts=20, views=2, rare_part=None, part_ids=True) -> dict:
    """Class 1 on every view; class 2 on the views of one part alone."""
    images, annotations = [], []
    for part in range(parts):
        for _ in range(views):
            number = len(images)
            image = dict(id=number, file_name=f'{number}.jpg', width=9, height=9)
            images.append(image | (dict(part_id=part) if part_ids else {}))
            for category in [1] + [2] * (part == rare_part):
                annotations.append(
                    dict(
                        id=len(annotations),
                        image_id=number,
                        category_id=category,
                        bbox=[0, 0, 3, 3],
                        area=9,
                    )
                )
    categories = [dict(id=1, name='scratch'), dict(id=2, name='rust')]
    return dict(images=images, annotations=annotations, categories=categories)


def _parts_with(classes) -> dict:
    """One view a part, with a box of each of its classes."""
    data = _data(parts=len(classes), views=1)
    data['annotations'] = [
        dict(id=10 * part + each, image_id=part, category_id=each)
        for part, shown in enumerate(classes)
        for each in shown
    ]
    data['categories'] = [dict(id=each, name=f'{each}') for each in (1, 2, 3)]
    return data


def _parts(data) -> set:
    return {image['part_id'] for image in data['images']}


def test_views_of_a_part_go_one_way_and_nothing_is_lost():
    data = _data()
    labelled, unlabelled, missing = split_labelled(data, 10)
    assert len(_parts(labelled)) == 2
    assert _parts(labelled).isdisjoint(_parts(unlabelled))
    assert len(labelled['images']) + len(unlabelled['images']) == len(data['images'])
    assert len(labelled['annotations']) == 4
    assert unlabelled['annotations'] == [] and missing == []
    assert unlabelled['categories'] == data['categories']


def test_folds_differ_and_are_repeatable():
    draws = [_parts(split_labelled(_data(), 10, fold)[0]) for fold in range(6)]
    assert len({frozenset(draw) for draw in draws}) > 1
    assert draws[3] == _parts(split_labelled(_data(), 10, 3)[0])


@pytest.mark.parametrize('rare_part', range(6))
def test_a_rare_class_gets_a_labelled_box(rare_part):
    labelled, _, missing = split_labelled(_data(rare_part=rare_part), 10)
    assert rare_part in _parts(labelled)
    assert len(_parts(labelled)) == 2 and missing == []


def test_a_part_that_cannot_be_exchanged_gives_way_to_one_that_can():
    """Class 3 is on two parts; exchanged for a chosen one, one of them loses a class.

    Two of four parts must show classes 1, 2 and 3: only {1, 3} and {2} do.
    """
    classes = [{1}, {2}, {3}, {1, 3}]
    for order in itertools.permutations(classes):
        data = _parts_with(order)
        for fold in range(6):
            assert split_labelled(data, 50, fold)[2] == []


def test_a_class_that_finds_no_room_is_named():
    """One labelled part cannot show two classes that never meet."""
    data = _data(parts=4, rare_part=0)
    data['annotations'] = [
        a for a in data['annotations'] if a['category_id'] == 2 or a['image_id'] > 1
    ]
    labelled, _, missing = split_labelled(data, 25)
    assert len(_parts(labelled)) == 1
    assert missing in (['scratch'], ['rust'])


def test_images_without_parts_are_parts_of_their_own():
    labelled, _, _ = split_labelled(_data(part_ids=False), 10)
    assert len(labelled['images']) == 4


@pytest.mark.parametrize('percent', [0, 100, -5, 130, float('nan'), float('inf')])
def test_a_share_that_leaves_one_side_empty_is_refused(percent):
    with pytest.raises(ValueError, match='percent must lie between 0 and 100'):
        split_labelled(_data(), percent)


def test_one_part_cannot_be_split():
    with pytest.raises(ValueError, match='two parts or more, got 1'):
        split_labelled(_data(parts=1), 10)


@pytest.mark.parametrize(
    ('table', 'change', 'words'),
    [
        ('annotations', dict(image_id=99), 'image_id 99 of annotation 0'),
        ('annotations', dict(category_id=7), 'category_id 7 of annotation 0'),
        ('annotations', dict(category_id=None), 'category_id None of annotation 0'),
        ('annotations', dict(image_id=[1]), r'image_id \[1\] of annotation 0'),
        ('images', dict(part_id=[1]), r'part_id \[1\] of image 0'),
        ('images', dict(id=None), 'image without a usable id'),
        ('images', dict(id=1), 'image id 1 is used twice'),
        ('categories', dict(id=None), 'category without a usable id'),
    ],
)
def test_references_that_lead_nowhere_are_named(table, change, words):
    data = _data()
    data[table][0] |= change
    with pytest.raises(ValueError, match=words):
        split_labelled(data, 10)


@pytest.mark.parametrize('table', ['images', 'annotations', 'categories'])
def test_records_that_are_no_objects_are_refused(table):
    data = _data()
    data[table][0] = 5
    with pytest.raises(ValueError, match='usable id|expected an object'):
        split_labelled(data, 10)


def test_files_are_named_after_shares_and_folds(tmp_path, capsys):
    path = tmp_path / 'ann.json'
    path.write_text(json.dumps(_data()))
    lines = write_split(path, 10, fold=2, out_dir=tmp_path / 'out')
    names = sorted(each.name for each in (tmp_path / 'out').iterdir())
    assert names == ['ann_labelled10_fold2.json', 'ann_unlabelled90_fold2.json']
    assert '4 images, 4 boxes' in lines[0]
    load_tool('dataset_tools/split_labelled.py').main([str(path), '--percent', '50'])
    assert (tmp_path / 'ann_labelled50.json').is_file()
    assert '20 images' in capsys.readouterr().out


@pytest.mark.parametrize(
    ('name', 'options', 'words'),
    [
        ('none.json', [], 'none.json'),
        ('ann.json', ['--percent', 'ten'], "'ten'"),
        ('ann.json', ['--percent', '100'], 'between 0 and 100'),
        ('ann.json', ['--out-dir', 'ann.json'], 'ann.json'),
        ('bad.json', [], 'image_id 99'),
        ('text.json', [], 'expected an object'),
    ],
)
def test_the_tool_ends_bad_input_in_one_line(
    tmp_path, capsys, monkeypatch, name, options, words
):
    monkeypatch.chdir(tmp_path)
    data = _data()
    (tmp_path / 'ann.json').write_text(json.dumps(data))
    data['annotations'][0]['image_id'] = 99
    (tmp_path / 'bad.json').write_text(json.dumps(data))
    (tmp_path / 'text.json').write_text('[]')
    tool = load_tool('dataset_tools/split_labelled.py')
    with pytest.raises(SystemExit) as stopped:
        tool.main([name, *options])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith('split_labelled') and words in line
