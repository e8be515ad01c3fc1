import pytest

from maxsight_mm.datasets.coco_json import (
    DatasetError,
    DatasetNotFoundError,
    load_coco_json,
)

GOOD = '{"images": [],\n "annotations": [],\n "categories": []}'


def test_good_file_is_returned_whole(tmp_path):
    (tmp_path / 'a.json').write_text(GOOD)
    assert load_coco_json(tmp_path / 'a.json') == {
        'images': [],
        'annotations': [],
        'categories': [],
    }


@pytest.mark.parametrize(
    ('content', 'says'),
    [
        (GOOD[:40], 'line 3 column 2: .*truncated'),
        ('{"images": [],\n "annotations": [1,,2]}', 'line 2 column 20'),
        ('<!DOCTYPE html><html>', "line 1 .*starts with '<!DOCTYPE html>"),
        ('', 'line 1: the file is empty'),
        ('[1, 2]', 'expected an object .* got a list'),
        ('{"images": [], "annotations": []}', "'categories', got nothing"),
        ('{"images": {}, "annotations": [], "categories": []}', "'images', got dict"),
        ('{"a": ' * 100000, 'line 1: nested too deeply'),
    ],
)
def test_bad_file_is_one_line_with_path_and_place(tmp_path, content, says):
    path = tmp_path / 'bad.json'
    path.write_text(content)
    with pytest.raises(DatasetError, match=says) as caught:
        load_coco_json(path)
    assert str(caught.value).startswith(str(path))
    assert '\n' not in str(caught.value)


def test_bytes_that_are_no_text_name_their_line(tmp_path):
    (tmp_path / 'a.json').write_bytes(b'{\n"images": "\xff\xfe"}')
    with pytest.raises(DatasetError, match='line 2: not UTF-8'):
        load_coco_json(tmp_path / 'a.json')


def test_missing_file_names_the_first_folder_that_is_missing(tmp_path):
    with pytest.raises(DatasetNotFoundError, match=r'no folder .*/no\)$'):
        load_coco_json(tmp_path / 'no' / 'such' / 'a.json')
    with pytest.raises(FileNotFoundError, match='a.json: no such file$'):
        load_coco_json(tmp_path / 'a.json')
